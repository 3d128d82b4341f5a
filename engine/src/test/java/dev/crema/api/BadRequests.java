package dev.crema.api;

/** Requests that are wrong in one way each, with single quotes for double ones. */
final class BadRequests {
    private static final String HI = "'messages':[{'role':'user','content':'Hi'}]";

    static final String[] CHAT = {
        "", "nonsense", "[]", "{", "{}", "{'messages':null}", "{'messages':'Hi'}", "{'messages':[]}", "{'messages':['Hi']}",
        "{'messages':[{}]}", "{'messages':[{'role':5}]}", "{'messages':[{'role':'wizard','content':'x'}]}",
        "{'messages':[{'role':'user'}]}", "{'messages':[{'role':'user','content':null}]}", "{'messages':[{'role':'user','content':7}]}",
        "{'messages':[{'role':'user','content':[]},{'role':'user','content':[{'type':'image_url','image_url':{'url':'x'}}]}]}",
        "{'messages':[{'role':'user','content':['x']}]}", "{'messages':[{'role':'user','content':[{'type':'text'}]}]}",
        "{'messages':[{'role':'user','content':'x','mood':'good'}]}", "{'messages':[{'role':'user','content':'x','name':1}]}",
        "{'messages':[{'role':'assistant'}]}", "{'messages':[{'role':'tool','content':'x'}]}",
        "{'messages':[{'role':'assistant','tool_calls':{}}]}", "{'messages':[{'role':'assistant','tool_calls':[{'id':'c'}]}]}",
        "{'messages':[{'role':'assistant','tool_calls':[{'id':'c','function':{'name':'f','arguments':{}}}]}]}",
        "{'messages':[{'role':'assistant','tool_calls':[{'id':'c','type':'custom'}]}]}",
        "{'messages':[{'role':'assistant','tool_calls':[{'id':'c','function':{'name':'f','arguments':'{}'}}]}]}",
        "{" + HI + ",'model':1}", "{" + HI + ",'model':'gpt-4o'}", "{" + HI + ",'colour':'red'}", "{" + HI + ",'functions':[]}", "{" + HI + ",'function_call':'auto'}",
        "{" + HI + ",'audio':{'voice':'ash','format':'wav'}}", "{" + HI + ",'prediction':{'type':'content','content':'x'}}",
        "{" + HI + ",'web_search_options':{}}", "{" + HI + ",'moderation':{'model':'m'}}", "{" + HI + ",'verbosity':'chatty'}", "{" + HI + ",'verbosity':'low'}",
        "{" + HI + ",'maxTokens':5}", "{" + HI + ",'temprature':0}", "{" + HI + ",'stream':true,'stream_options':{'includeUsage':true}}",
        "{'messages':[{'role':'user','content':[{'type':'input_audio','input_audio':{'data':'x','format':'wav'}}]}]}",
        "{'messages':[{'role':'user','content':[{'type':'file','file':{'file_id':'x'}}]}]}", "{'messages':[{'role':'function','name':'f','content':'x'}]}",
        "{" + HI + ",'stream':'yes'}", "{" + HI + ",'stream_options':{'include_usage':true}}", "{" + HI + ",'stream':true,'stream_options':[]}",
        "{" + HI + ",'stream':true,'stream_options':{'speed':1}}",
        "{" + HI + ",'max_tokens':0}", "{" + HI + ",'max_tokens':1.5}", "{" + HI + ",'max_completion_tokens':'9'}",
        "{" + HI + ",'temperature':2.1}", "{" + HI + ",'temperature':-1}", "{" + HI + ",'temperature':'hot'}", "{" + HI + ",'top_p':1.01}",
        "{" + HI + ",'top_k':-2}", "{" + HI + ",'min_p':true}", "{" + HI + ",'typical_p':2}", "{" + HI + ",'repetition_penalty':0}",
        "{" + HI + ",'frequency_penalty':3}", "{" + HI + ",'presence_penalty':[]}", "{" + HI + ",'n':0}", "{" + HI + ",'n':129}",
        "{" + HI + ",'seed':1.5}", "{" + HI + ",'seed':99999999999999999999}", "{" + HI + ",'stop':''}", "{" + HI + ",'stop':[1]}",
        "{" + HI + ",'stop':{}}", "{" + HI + ",'stop':['1','2','3','4','5','6','7','8','9','10','11','12','13','14','15','16','17']}",
        "{" + HI + ",'logit_bias':[]}", "{" + HI + ",'logit_bias':{'the':1}}", "{" + HI + ",'logit_bias':{'5':101}}",
        "{" + HI + ",'logit_bias':{'99999':1}}", "{" + HI + ",'logprobs':2}", "{" + HI + ",'top_logprobs':2}",
        "{" + HI + ",'logprobs':true,'top_logprobs':21}", "{" + HI + ",'cache_prompt':1}",
        "{" + HI + ",'response_format':{'type':'xml'}}", "{" + HI + ",'response_format':{}}", "{" + HI + ",'response_format':'text'}",
        "{" + HI + ",'modalities':['text','audio']}", "{" + HI + ",'chat_template_kwargs':5}", "{" + HI + ",'reasoning_effort':5}",
        "{" + HI + ",'tools':{}}", "{" + HI + ",'tools':['f']}", "{" + HI + ",'tools':[{'type':'function'}]}", "{" + HI + ",'tools':[{'type':'search'}]}",
        "{" + HI + ",'tools':[{'type':'function','function':{}}]}", "{" + HI + ",'tools':[{'type':'function','function':{'name':''}}]}",
        "{" + HI + ",'tools':[{'type':'function','function':{'name':'f','parameters':'p'}}]}", "{" + HI + ",'tool_choice':'auto'}",
        "{" + HI + ",'tools':[{'type':'function','function':{'name':'f'}}],'tool_choice':'required','regex':'a'}",
        "{" + HI + ",'tools':[{'type':'function','function':{'name':'f'}},{'type':'function','function':{'name':'f'}}]}",
        "{" + HI + ",'tools':[{'type':'function','function':{'name':'f'}}],'tool_choice':{'type':'function','function':{'name':'g'}}}",
        "{" + HI + ",'tools':[{'type':'function','function':{'name':'f'}}],'tool_choice':{'type':'allowed_tools','allowed_tools':{'mode':'auto','tools':[]}}}",
        "{" + HI + ",'tools':[{'type':'function','function':{'name':'f','strict':true,'parameters':{'properties':{'a':{'not':{}}}}}}]}",
        "{" + HI + ",'reasoning_effort':'enormous'}",
        "{" + HI + ",'tools':[{'type':'function','function':{'name':'f'}}],'tool_choice':{'type':'function'}}",
        "{" + HI + ",'tools':[{'type':'function','function':{'name':'f'}}],'tool_choice':'often'}",
        "{'messages':[{'role':'user','content':'" + "long ".repeat(110) + "'}]}",
    };

    /** Of what a reply has to look like. */
    static final String[] FORMATS = {
        "{" + HI + ",'response_format':{'type':'json_schema'}}", "{" + HI + ",'response_format':{'type':'json_schema','json_schema':{'schema':{}}}}",
        "{" + HI + ",'response_format':{'type':'json_schema','json_schema':{'name':'a b','schema':{}}}}",
        "{" + HI + ",'response_format':{'type':'json_schema','json_schema':{'name':'a','schema':[]}}}",
        "{" + HI + ",'response_format':{'type':'json_schema','json_schema':{'name':'a','schema':{'properties':{'x':{'not':{}}}}}}}",
        "{" + HI + ",'response_format':{'type':'json_schema','json_schema':{'name':'a','schema':{'type':'strin'}}}}",
        "{" + HI + ",'response_format':{'type':'json_object','schema':'{'}}", "{" + HI + ",'response_format':{'type':'text','schema':{}}}",
        "{" + HI + ",'grammar':'root ::= ['}", "{" + HI + ",'grammar':'root ::= root root'}", "{" + HI + ",'grammar':5}",
        "{" + HI + ",'regex':'a(?=b)'}", "{" + HI + ",'regex':'a','grammar':'root ::= [a]'}",
        "{" + HI + ",'regex':'a','response_format':{'type':'json_object'}}", "{" + HI + ",'regex':'[\\ud800-\\udfff]'}",
    };

    static final String[] COMPLETIONS = {
        "{}", "{'prompt':5}", "{'prompt':[]}", "{'prompt':''}", "{'prompt':[true]}", "{'prompt':['a',5]}", "{'prompt':[5,'a']}", "{'prompt':[-1]}",
        "{'prompt':[[]]}", "{'prompt':[9999]}", "{'prompt':'a','suffix':'b'}", "{'prompt':'a','best_of':1,'n':2}", "{'prompt':'a','best_of':21}", "{'prompt':'a','best_of':3,'stream':true}", "{'prompt':'a','echo':'yes'}",
        "{'prompt':'a','logprobs':true}", "{'prompt':'a','max_tokens':-1}", "{'prompt':'a','messages':[]}",
        "{'prompt':['a','b','c','d','e','f','g','h','i'],'n':15}", "{'prompt':['a','b','c'],'n':4}", "{'prompt':'" + "long ".repeat(110) + "'}",
    };

    static final String[] TOKENIZE = {
        "{}", "{'content':5}", "{'content':'a','add_special':1}", "{'content':'a','parse':true}", "{'content':'a','model':'gpt-4o'}",
    };

    static final String[] DETOKENIZE = {
        "{}", "{'tokens':'a'}", "{'tokens':['a']}", "{'tokens':[260]}", "{'tokens':[-1]}", "{'tokens':[1.5]}",
    };

    /** The echo has no hidden states, so these are refused before they get so far. */
    static final String[] EMBEDDINGS = {
        "{}", "{'input':5}", "{'input':[]}", "{'input':''}", "{'input':['a','']}", "{'input':['a',5]}", "{'input':[[]]}", "{'input':'a','encoding_format':'hex'}",
        "{'input':'a','dimensions':0}", "{'input':'a','dimension':5}", "{'input':'a','model':'gpt-4o'}", "{'input':'a'}",
    };

    static final String[] RESPONSES = {
        "{}", "{'input':5}", "{'input':[]}", "{'input':['a']}", "{'input':[{'role':'tool','content':'x'}]}", "{'input':[{'role':'user'}]}",
        "{'input':[{'role':'user','content':[{'type':'input_image','image_url':'x'}]}]}", "{'input':[{'role':'user','content':'x','mood':1}]}",
        "{'input':[{'type':'item_reference','id':'x'}]}", "{'input':[{'type':'function_call','call_id':'c','name':'f'}]}",
        "{'input':[{'type':'function_call_output','call_id':'c'}]}", "{'input':[{'type':'reasoning','content':[{'type':'text','text':'x'}]}]}",
        "{'input':'a','previous_response_id':'resp_1'}", "{'input':'a','conversation':'c'}", "{'input':'a','background':true}",
        "{'input':'a','truncation':'auto'}", "{'input':'a','truncation':'some'}", "{'input':'a','prompt':{'id':'p'}}", "{'input':'a','include':['x']}",
        "{'input':'a','max_tokens':5}", "{'input':'a','max_output_tokens':0}", "{'input':'a','temperature':3}", "{'input':'a','top_logprobs':21}",
        "{'input':'a','text':{'format':{}}}", "{'input':'a','text':{'style':1}}", "{'input':'a','text':{'verbosity':'low'}}",
        "{'input':'a','reasoning':{'summary':'auto'}}", "{'input':'a','reasoning':{'effort':5}}", "{'input':'a','tools':[{'type':'web_search'}]}",
        "{'input':'a','tools':[{'type':'function'}]}", "{'input':'a','tool_choice':'required'}", "{'input':'a','tool_choice':{'type':'allowed_tools'}}",
        "{'input':'a','stream_options':{'include_usage':true}}", "{'input':'a','n':2}", "{'input':'a','model':'gpt-4o'}",
        "{'input':'" + "long ".repeat(110) + "'}",
    };

    private BadRequests() { }
}
