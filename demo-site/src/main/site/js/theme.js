// Light or dark: the visitor's choice, else the system's.

/** Shows a theme, and on the button what it would switch to. */
export function showTheme(theme) {
    document.documentElement.dataset.theme = theme;
    document.getElementById("toggle-theme").querySelector("use").setAttribute("href", theme === "dark" ? "#icon-sun" : "#icon-moon");
}

/** Lets `button` switch, and follows the system until it did. */
export function watchTheme(button) {
    button.onclick = () => {
        const theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
        localStorage.setItem("crema.theme", theme);
        showTheme(theme);
    };
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", ({ matches }) => {
        if (!localStorage.getItem("crema.theme")) {
            showTheme(matches ? "dark" : "light");
        }
    });
}
