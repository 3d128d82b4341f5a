package dev.crema.api;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crema.json.Json;
import dev.crema.json.JsonParser;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every member of a request, however deep, replaced by what does not belong there: an answer or an error comes each time, and never one of ours. */
class HostileRequestsTest {
    private static final String[] ODD = {"null", "true", "0", "-1", "1.5", "1e300", "-99999999999999999999999", "\"\"", "\"x\"", "\"\\ud800\"", "[]", "[null]",
        "[[]]", "{}", "{\"\":0}", "[".repeat(50) + "]".repeat(50), "\"" + "long ".repeat(120) + "\""};

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "/v1/chat/completions | {'messages':[{'role':'system','content':'s'},{'role':'user','content':[{'type':'text','text':'Hi'}]},"
            + "{'role':'assistant','content':null,'tool_calls':[{'id':'c','type':'function','function':{'name':'f','arguments':'{}'}}]},"
            + "{'role':'tool','tool_call_id':'c','content':'1'},{'role':'user','content':'ok','name':'u'}],'max_tokens':2,'max_completion_tokens':2,"
            + "'temperature':0,'top_p':1,'top_k':1,'min_p':0,'typical_p':1,'repetition_penalty':1,'frequency_penalty':0,'presence_penalty':0,"
            + "'logit_bias':{'5':1},'seed':1,'n':2,'stop':['q'],'logprobs':true,'top_logprobs':1,'stream':true,'stream_options':{'include_usage':true},"
            + "'tools':[{'type':'function','function':{'name':'f','description':'d','parameters':{'type':'object'},'strict':false}}],'tool_choice':'auto',"
            + "'parallel_tool_calls':true,'response_format':{'type':'text'},'modalities':['text'],'reasoning_effort':'low','verbosity':'medium',"
            + "'chat_template_kwargs':{'shout':'x'},'cache_prompt':true,'model':'default','user':'u','metadata':{}}",
        "/v1/completions | {'prompt':['user: a=>',[1,2]],'max_tokens':2,'n':1,'best_of':2,'echo':false,'logprobs':1,'suffix':'','stop':'q','stream':false}",
        "/v1/embeddings | {'input':['a',[1,2]],'model':'default','dimensions':2,'encoding_format':'float'}",
        "/v1/responses | {'input':[{'role':'user','content':[{'type':'input_text','text':'Hi'}]},{'type':'reasoning','content':[{'type':'reasoning_text','text':'t'}]},"
            + "{'type':'function_call','call_id':'c','name':'f','arguments':'{}'},{'type':'function_call_output','call_id':'c','output':'1'},"
            + "{'role':'user','content':'ok'}],'instructions':'i','max_output_tokens':2,'temperature':0,'top_p':1,'text':{'format':{'type':'text'}},"
            + "'tools':[{'type':'function','name':'f','parameters':{}}],'tool_choice':{'type':'function','name':'f'},'reasoning':{'effort':'low'},'include':[],"
            + "'top_logprobs':1,'stream':true,'truncation':'disabled','metadata':{}}",
        "/tokenize | {'content':'a','add_special':true,'parse_special':true,'with_pieces':true}",
        "/detokenize | {'tokens':[1,2]}",
        "/apply-template | {'messages':[{'role':'user','content':'Hi'}]}"})
    void noRequestMakesAnErrorOfOurs(String path, String request) {
        String body = request.replace('\'', '"');
        var variants = new ArrayList<String>();
        replace(JsonParser.parse(body), new ArrayList<>(), body, variants);
        assertTrue(variants.size() >= 2 * ODD.length, variants.size() + " variants");
        for (String variant : variants) {
            String heard = new Transcript().answer(path, variant);
            assertFalse(heard.contains("\"code\":\"internal\""), () -> variant + "\n" + heard);
            assertFalse(heard.startsWith("error 400") && heard.contains("\"param\":null") && heard.contains("\"code\":\"invalid_request\""),
                () -> variant + "\n" + heard);
        }
    }

    /** Adds {@code body} with each member and element at and below {@code place} replaced, or left out. */
    private static void replace(Json value, List<Object> place, String body, List<String> variants) {
        if (!place.isEmpty()) {
            for (String odd : ODD) {
                variants.add(with(body, place, JsonParser.parse(odd)).toString());
            }
            variants.add(with(body, place, null).toString());
        }
        if (value instanceof Json.Obj object) {
            object.members().forEach((name, inner) -> descend(name, inner, place, body, variants));
        } else if (value instanceof Json.Arr array) {
            for (int i = 0; i < array.size(); i++) {
                descend(i, array.get(i), place, body, variants);
            }
        }
    }

    private static void descend(Object step, Json inner, List<Object> place, String body, List<String> variants) {
        place.add(step);
        replace(inner, place, body, variants);
        place.removeLast();
    }

    private static Json with(String body, List<Object> place, Json odd) {
        Json root = JsonParser.parse(body);
        Json at = root;
        for (Object step : place.subList(0, place.size() - 1)) {
            at = step instanceof Integer i ? ((Json.Arr) at).get(i) : ((Json.Obj) at).get((String) step);
        }
        Object last = place.getLast();
        if (at instanceof Json.Arr array) {
            if (odd == null) {
                array.items().remove((int) (Integer) last);
            } else {
                array.items().set((Integer) last, odd);
            }
        } else if (odd == null) {
            ((Json.Obj) at).members().remove((String) last);
        } else {
            ((Json.Obj) at).put((String) last, odd);
        }
        return root;
    }
}
