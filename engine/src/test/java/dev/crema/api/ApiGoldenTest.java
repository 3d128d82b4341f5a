package dev.crema.api;

import dev.crema.graph.Goldens;
import dev.crema.json.Json;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

import org.junit.jupiter.api.Test;

/** Requests and all that comes back, byte for byte: {@code goldens/api}. A person reads the diff. */
class ApiGoldenTest {
    private static final String HI = "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]";
    private static final String TOOL = "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"now\",\"parameters\":{}}}]";
    private static final String CALL = "<tool_call>{\\\"name\\\": \\\"now\\\", \\\"arguments\\\": {\\\"zone\\\": 1}}</tool_call>";

    /** Escapes for a request within a Java string are noise: requests here are written with single quotes. */
    private static String json(String text) {
        return text.replace('\'', '"');
    }

    @Test
    void chat() throws IOException {
        var cases = new LinkedHashMap<String, String>();
        cases.put("the least request", "{" + HI + "}");
        cases.put("streamed", "{" + HI + ",\"stream\":true}");
        cases.put("streamed with usage", "{" + HI + ",\"stream\":true,\"stream_options\":{\"include_usage\":true},\"model\":\"echo-1b\"}");
        cases.put("cut off", json("{'messages':[{'role':'user','content':'Hello'}],'max_tokens':3,'model':'default'}"));
        cases.put("max_completion_tokens counts before max_tokens",
            json("{'messages':[{'role':'user','content':'Hello'}],'max_tokens':3,'max_completion_tokens':2}"));
        cases.put("a stop text", json("{'messages':[{'role':'user','content':'Hello, world'}],'stop':[', w','never']}"));
        cases.put("a stop text, streamed", json("{'messages':[{'role':'user','content':'a, b'}],'stop':', b','stream':true}"));
        cases.put("two choices", "{" + HI + ",\"n\":2,\"seed\":1}");
        cases.put("two choices, streamed with usage",
            "{" + HI + ",\"n\":2,\"stream\":true,\"stream_options\":{\"include_usage\":true}}");
        cases.put("logprobs", json("{'messages':[{'role':'user','content':'é'}],'logprobs':true,'top_logprobs':1}"));
        cases.put("logprobs, streamed", json("{'messages':[{'role':'user','content':'aé'}],'logprobs':true,'stream':true}"));
        cases.put("roles and parts", json("{'messages':[{'role':'developer','content':'Be kind.'},{'role':'user','name':'u','content':"
            + "[{'type':'text','text':'one'},{'type':'text','text':'two'}]}]}"));
        cases.put("a message to continue", json("{'messages':[{'role':'user','content':'Hello'},{'role':'assistant','content':'Hel'}]}"));
        cases.put("a template variable", json("{'messages':[{'role':'user','content':'a'}],'chat_template_kwargs':{'shout':'user: HEY'}}"));
        cases.put("bookkeeping is ignored", "{" + HI + ",\"user\":\"u\",\"store\":true,\"metadata\":{},\"safety_identifier\":\"x\",\"unknown\":null}");
        cases.put("everything at once", "{" + HI + json(",'temperature':0,'top_p':0.9,'top_k':40,'min_p':0.05,'typical_p':1,"
            + "'repetition_penalty':1.0,'frequency_penalty':0.5,'presence_penalty':-0.5,'logit_bias':{'33':100},'max_tokens':2,'seed':-5,"
            + "'cache_prompt':false,'parallel_tool_calls':true,'response_format':{'type':'text'},'modalities':['text'],'reasoning_effort':'low'}"));
        check("chat.txt", "/v1/chat/completions", cases);
    }

    @Test
    void toolCalls() throws IOException {
        var cases = new LinkedHashMap<String, String>();
        String calls = "\"messages\":[{\"role\":\"user\",\"content\":\"So: \\n" + CALL + "\\n" + CALL + "\"}]";
        cases.put("content and two calls", "{" + calls + "," + TOOL + "}");
        cases.put("content and two calls, streamed", "{" + calls + "," + TOOL + ",\"stream\":true}");
        cases.put("one call at most", "{" + calls + "," + TOOL + ",\"parallel_tool_calls\":false}");
        cases.put("a call and nothing else", "{\"messages\":[{\"role\":\"user\",\"content\":\"" + CALL + "\"}]," + TOOL + "}");
        cases.put("no tools offered, so no call", "{\"messages\":[{\"role\":\"user\",\"content\":\"" + CALL + "\"}]}");
        cases.put("tools, but the choice is none", "{\"messages\":[{\"role\":\"user\",\"content\":\"" + CALL + "\"}]," + TOOL
            + ",\"tool_choice\":\"none\"}");
        cases.put("what is no call is content", json("{'messages':[{'role':'user','content':'a <tool_call>{no</tool_call> b'}],") + TOOL + "}");
        cases.put("a call that is cut off", "{\"messages\":[{\"role\":\"user\",\"content\":\"" + CALL + "\"}]," + TOOL + ",\"max_tokens\":20}");
        cases.put("a call and its result", json("{'messages':[{'role':'assistant','content':null,'tool_calls':[{'id':'c','type':'function',"
            + "'function':{'name':'now','arguments':'{}'}}]},{'role':'tool','tool_call_id':'c','content':'12:00'},"
            + "{'role':'user','content':'ok'}],") + TOOL + ",\"tool_choice\":\"auto\"}");
        check("tool_calls.txt", "/v1/chat/completions", cases);
    }

    @Test
    void completions() throws IOException {
        var cases = new LinkedHashMap<String, String>();
        cases.put("a string", "{\"prompt\":\"user: abc=>\"}");
        cases.put("streamed with usage", "{\"prompt\":\"user: ab=>\",\"stream\":true,\"stream_options\":{\"include_usage\":true}}");
        cases.put("16 tokens by default", "{\"prompt\":\"user: abcdefghijklmnopqrstuvwxyz=>\"}");
        cases.put("two prompts, two replies each, echoed", "{\"prompt\":[\"user: a=>\",\"user: b=>\"],\"n\":2,\"echo\":true}");
        cases.put("token ids", "{\"prompt\":[117,115,101,114,58,32,88,61,62],\"echo\":true}");
        cases.put("arrays of token ids", "{\"prompt\":[[65,61,62],[117,115,101,114,58,32,88,61,62]]}");
        cases.put("echo, streamed", "{\"prompt\":\"user: a=>\",\"echo\":true,\"stream\":true}");
        cases.put("logprobs", "{\"prompt\":\"user: ab=>\",\"logprobs\":1}");
        cases.put("logprobs, streamed", "{\"prompt\":\"user: ab=>\",\"logprobs\":0,\"stream\":true}");
        cases.put("the better of two", "{\"prompt\":\"user: ab=>\",\"best_of\":2}");
        cases.put("no tokens", "{\"prompt\":[\"user: a=>\",\"b\"],\"max_tokens\":0,\"echo\":true}");
        cases.put("no tokens, streamed", "{\"prompt\":\"user: a=>\",\"max_tokens\":0,\"stream\":true}");
        check("completions.txt", "/v1/completions", cases);
    }

    @Test
    void responses() throws IOException {
        var cases = new LinkedHashMap<String, String>();
        String tool = json("'tools':[{'type':'function','name':'now','parameters':{},'strict':null}]");
        String call = "{\"input\":\"So: " + CALL + CALL + "\"," + tool;
        cases.put("the least request", json("{'input':'Hi'}"));
        cases.put("streamed", json("{'input':'Hi','stream':true}"));
        cases.put("items and instructions", json("{'instructions':'Be kind.','input':[{'role':'developer','content':'Be brief.'},"
            + "{'type':'message','role':'user','content':[{'type':'input_text','text':'one'},{'type':'input_text','text':'two'}]}],'metadata':{'k':'v'}}"));
        cases.put("cut off", json("{'input':'Hello','max_output_tokens':3,'stream':true}"));
        cases.put("logprobs", json("{'input':'é','include':['message.output_text.logprobs'],'top_logprobs':1}"));
        cases.put("logprobs, streamed", json("{'input':'a','top_logprobs':1,'stream':true}"));
        cases.put("text and two calls", call + "}");
        cases.put("text and two calls, streamed", call + ",\"stream\":true}");
        cases.put("what was said, thought and called before", json("{'input':[{'role':'user','content':'a'},"
            + "{'type':'reasoning','id':'rs_1','summary':[],'content':[{'type':'reasoning_text','text':'hm'}]},"
            + "{'type':'message','id':'msg_1','role':'assistant','status':'completed','content':[{'type':'output_text','text':'b','annotations':[]}]},"
            + "{'type':'function_call','id':'fc_1','call_id':'c1','name':'now','arguments':'{}'},"
            + "{'type':'function_call','call_id':'c2','name':'now','arguments':'{}'},"
            + "{'type':'function_call_output','call_id':'c1','output':'12:00'},{'type':'function_call_output','call_id':'c2','output':[{'type':'input_text',"
            + "'text':'13:00'}]},{'role':'user','content':'ok'}],") + tool + "}");
        cases.put("everything at once", json("{'input':'Hi','model':'echo-1b','temperature':0.5,'top_p':0.9,'max_output_tokens':20,'seed':1,'top_k':5,"
            + "'parallel_tool_calls':false,'text':{'format':{'type':'text'},'verbosity':'medium'},'reasoning':{'effort':'low'},'truncation':'disabled',"
            + "'store':false,'user':'u','service_tier':'auto','max_tool_calls':1,'tool_choice':'none','include':['reasoning.encrypted_content']}"));
        check("responses.txt", "/v1/responses", cases);
    }

    @Test
    void tokens() throws IOException {
        var out = new StringBuilder();
        for (String[] call : new String[][] {
                {"/tokenize", "{'content':'aé<end>'}"}, {"/v1/tokenize", "{'content':'aé','with_pieces':true,'add_special':true,'parse_special':false}"},
                {"/tokenize", "{'content':''}"}, {"/detokenize", "{'tokens':[97,195,169,256]}"}, {"/v1/detokenize", "{'tokens':[]}"},
                {"/apply-template", "{" + HI.replace('"', '\'') + "}"},
                {"/v1/apply-template", "{'messages':[{'role':'user','content':'a'},{'role':'assistant','content':'b'}],'max_tokens':5}"}}) {
            out.append("## ").append(call[0]).append(' ').append(call[1]).append('\n').append(new Transcript().answer(call[0], json(call[1]))).append('\n');
        }
        Goldens.check("api/tokens.txt", out.toString());
    }

    @Test
    void models() throws IOException {
        var out = new StringBuilder();
        for (String path : new String[] {"/v1/models", "/v1/models/echo-1b", "/v1/models/echo%2D1b", "/v1/models/default", "/v1/models/nope", "/v1/x"}) {
            out.append("## ").append(path).append('\n').append(new Transcript().answer(path, null)).append('\n');
        }
        Goldens.check("api/models.txt", out.toString());
    }

    private static void check(String name, String path, Map<String, String> cases) throws IOException {
        var out = new StringBuilder();
        cases.forEach((title, body) ->
            out.append("## ").append(title).append('\n').append(body).append('\n').append(new Transcript().answer(path, body)).append('\n'));
        Goldens.check("api/" + name, out.toString());
    }

    @Test
    void errors() throws IOException {
        var out = new StringBuilder();
        for (String body : BadRequests.CHAT) {
            add(out, "/v1/chat/completions", json(body), new Transcript());
        }
        for (String body : BadRequests.COMPLETIONS) {
            add(out, "/v1/completions", json(body), new Transcript());
        }
        for (String body : BadRequests.RESPONSES) {
            add(out, "/v1/responses", json(body), new Transcript());
        }
        for (String body : BadRequests.EMBEDDINGS) {
            add(out, "/v1/embeddings", json(body), new Transcript());
        }
        for (String body : BadRequests.TOKENIZE) {
            add(out, "/tokenize", json(body), new Transcript());
        }
        for (String body : BadRequests.DETOKENIZE) {
            add(out, "/detokenize", json(body), new Transcript());
        }
        String hi = "{" + HI + "}";
        out.append("## a model without a chat template\n");
        add(out, "/v1/chat/completions", hi, new Transcript(null, new Json.Obj()));
        out.append("## a device that is lost\n");
        var lost = new Transcript();
        lost.device.lost = true;
        add(out, "/v1/chat/completions", hi, lost);
        Goldens.check("api/errors.txt", out.toString());
    }

    @Test
    void formatErrors() throws IOException {
        var out = new StringBuilder();
        for (String body : BadRequests.FORMATS) {
            add(out, "/v1/chat/completions", json(body), new Transcript());
        }
        Goldens.check("api/format_errors.txt", out.toString());
    }

    private static void add(StringBuilder out, String path, String body, Transcript transcript) {
        out.append(path.equals("/v1/chat/completions") ? "" : path.substring(path.lastIndexOf('/') + 1) + " ").append(body).append('\n').append(transcript.answer(path, body)).append('\n');
    }
}
