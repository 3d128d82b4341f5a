package dev.crema.jvm;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.device.Device;
import org.junit.jupiter.api.Test;

import java.util.List;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class DevicesTest {
    @Test
    void theBestIsChosenWithAReason() {
        try (Device device = Devices.open(null)) {
            assertEquals("vector", device.info().kind());
            assertTrue(device.info().reason().contains("--device"), device.info().reason());
        }
    }

    @Test
    void eachKindOpensWhenAskedFor() {
        for (String kind : Devices.kinds()) {
            try (Device device = Devices.open(kind)) {
                assertEquals(kind, device.info().kind());
                assertEquals("asked for", device.info().reason());
            }
        }
        assertEquals(List.of("vector", "reference"), Devices.kinds());
    }

    @Test
    void anUnknownKindIsRefusedWithWhatThereIs() {
        CremaException e = assertThrows(CremaException.class, () -> Devices.open("cuda"));
        assertEquals(ErrorCode.INVALID_REQUEST, e.code());
        assertEquals("There is no device cuda. Choose one of [vector, reference].", e.describe());
    }
}
