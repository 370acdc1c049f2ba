package providers_test

import (
	"bytes"
	stdcontext "context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/model/apikey"
	"github.com/quintet-agents/quintet/shared/model/modeltest"
	"github.com/quintet-agents/quintet/shared/model/openai"
	"github.com/quintet-agents/quintet/shared/model/watch"
	"github.com/quintet-agents/quintet/shared/turn"
)

func hasImage(r request) bool { return bytes.Contains(r.body, []byte(`"image_url":`)) }

// seeing is how a server answers requests with images, and what a turn with an image ends in.
type seeing struct {
	refusal serve
	want    model.ImageProblem // empty: see fails
	fails   fault.Code         // empty, too: the turn is answered
}

// seeings are refusals of images as servers word them: OpenAI and Azure, OpenRouter, DeepSeek,
// vLLM, llama.cpp and Ollama, and servers behind FastAPI and a proxy.
func seeings() map[string]seeing {
	const particular = "messages.[0].content.[0].type"
	detail := `{"detail":[{"type":"literal_error","loc":["body","messages",0,"content","list[TextContentPart]",0,"type"],"msg":"Input should be 'text'"}]}`
	return map[string]seeing{
		"a server that sees": {refusal: hello},
		"OpenAI":             {status(400, wrong("Invalid content type. image_url is only supported by certain models.", "invalid_request_error", particular, "")), model.ImagesRefused, ""},
		"OpenRouter":         {status(404, `{"error":{"message":"No endpoints found that support image input","code":404}}`), model.ImagesRefused, ""},
		"DeepSeek":           {status(400, wrong("Failed to deserialize the JSON body into the target type: messages[0]: unknown variant `image_url`, expected `text` at line 1 column 99", "invalid_request_error", "", "invalid_request_error")), model.ImagesRefused, ""},
		"DeepSeek's 422":     {status(422, "Failed to deserialize the JSON body into the target type: messages[0]: unknown variant `image_url`, expected `text`"), model.ImagesRefused, ""},
		"vLLM":               {status(400, `{"object":"error","message":"m is not a multimodal model","type":"BadRequestError","param":null,"code":400}`), model.ImagesRefused, ""},
		"vLLM without room":  {status(400, `{"error":{"message":"At most 0 image(s) may be provided in one prompt.","type":"BadRequestError","code":400}}`), model.ImagesRefused, ""},
		"llama.cpp":          {status(500, `{"error":{"code":500,"message":"image input is not supported - hint: if this is unexpected, you may need to provide the mmproj","type":"server_error"}}`), model.ImagesRefused, ""},
		"Ollama":             {status(500, wrong("this model is missing data required for image input", "api_error", "", "")), model.ImagesRefused, ""},
		"texts only":         {status(400, wrong("messages[0].content must be a string", "invalid_request_error", "", "")), model.ImagesRefused, ""},
		"FastAPI":            {status(422, detail), model.ImagesRefused, ""},
		"an error in a 200":  {status(200, `{"error":{"message":"This model does not support image input.","code":400}}`), model.ImagesRefused, ""},
		"an unread format":   {status(400, wrong("You uploaded an unsupported image. Please make sure your image is valid.", "invalid_request_error", "", "invalid_image_format")), model.ImageUnusable, ""},
		"vLLM's decoder":     {status(400, `{"error":{"message":"cannot identify image file <_io.BytesIO object at 0x7f>","type":"BadRequestError","code":400}}`), model.ImageUnusable, ""},
		"an unknown reason":  {status(400, wrong("The picture was rejected by our safety system", "invalid_request_error", "", "")), model.ImageUnusable, ""},
		"too large":          {status(400, wrong("messages.0.content.0.image.source.base64: image exceeds 5 MB maximum: 6096280 bytes > 5242880 bytes", "invalid_request_error", "", "")), model.ImageTooLarge, ""},
		"a proxy's limit":    {status(413, "<html>413 Request Entity Too Large</html>"), model.ImageTooLarge, ""},
		// Errors that have nothing to do with the image.
		"busy":             {status(503, wrong("Our vision models are overloaded", "server_error", "", "")), "", busy},
		"an unknown model": {status(404, wrong("The model 'gpt-4-vision' does not exist or you do not have access to it.", "invalid_request_error", "", "model_not_found")), "", refused},
		"a wrong key":      {status(401, wrong("Incorrect API key provided", "invalid_request_error", "", "invalid_api_key")), "", refused},
		"broken":           {status(500, wrong("oops", "server_error", "", "")), "", broken},
		"no temperature": {unless(func(r request) bool { return r.Temperature == nil },
			status(400, wrong("Unsupported value: 'temperature' does not support 0.7 with this model.", "invalid_request_error", "temperature", "unsupported_value")), hello), "", ""},
	}
}

// A server that refuses images fails a turn with an image, without a charge and with the reason,
// and still answers turns without one. A model that takes no images is not asked about a second
// one.
func TestServers_Images(t *testing.T) {
	table := dynamotest.Open(t)
	for name, s := range seeings() {
		for _, whole := range []bool{false, true} {
			t.Run(name+map[bool]string{true: " whole"}[whole], func(t *testing.T) {
				asked := 0
				answer := unless(func(r request) bool { return !hasImage(r) }, s.refusal, hello)
				web := httptest.NewServer(&server{asked: map[string]int{}, behaviours: map[string]behaviour{"m": {serve: func(w http.ResponseWriter, r *http.Request, req request) {
					if hasImage(req) {
						asked++
					}
					answer(w, r, req)
				}}}})
				t.Cleanup(web.Close)
				v := viewer{T: t, Table: table, whole: whole, org: table.Org(t, ledger.Credit)}
				v.thread = table.Thread(t, table.Agent(t, v.org, "be brief")).ID
				v.engine = &turn.Engine{
					Store: table.Store, DefaultModel: "m", Now: time.Now,
					Model: openai.New(web.URL+"/v1", apikey.Fixed("secret"), http.DefaultClient, watch.Default),
				}
				image := modeltest.PNG(t, 12, 8)
				first := v.run("look", image)
				v.check(first, s)
				if got := v.run("hello"); got != nil {
					t.Errorf("without an image: got error %v, want an answer", got)
				}
				before := asked
				v.check(v.run("look again", image), s)
				if again := asked > before; again == (s.want == model.ImagesRefused) {
					t.Errorf("got the second image sent: %v, want it not sent only if the model takes none", again)
				}
			})
		}
	}
}

// viewer runs turns of one thread.
type viewer struct {
	*testing.T
	dynamotest.Table

	engine *turn.Engine
	org    string
	thread string
	whole  bool
}

// run runs a turn and checks that it is stored and charged only if it is answered.
func (v viewer) run(text string, images ...model.Image) error {
	v.Helper()
	before := v.Account(v.T, v.org).Balance()
	out, err := v.engine.Run(stdcontext.Background(), turn.Input{
		Caller: identity.Caller{OrgID: v.org, KeyID: "key"}, ThreadID: v.thread, Text: text, Channel: "test", Images: images, Whole: v.whole,
	}, deaf{})
	if err == nil && out.Turn.Assistant != "Hello!" {
		v.Errorf("got answer %q, want Hello!", out.Turn.Assistant)
	}
	account := v.Account(v.T, v.org)
	if charge := before - account.Balance(); charge != out.Turn.Charge || (charge > 0) != (err == nil) || account.Available != account.Balance() {
		v.Errorf("got charge %s, %s of %s available, for error %v", charge, account.Available, account.Balance(), err)
	}
	return err
}

func (v viewer) check(err error, want seeing) {
	v.Helper()
	switch {
	case want.want != "":
		modeltest.CheckImageError(v.T, err, want.want)
	case want.fails != "":
		if _, ok := errors.AsType[*model.ImageError](err); ok || !fault.Is(err, want.fails) {
			v.Errorf("got error %v, want %s and nothing about images", err, want.fails)
		}
	case err != nil:
		v.Errorf("got error %v, want an answer", err)
	}
}

// deaf is a sink that ignores everything.
type deaf struct{}

func (deaf) Start(turn.Opening)         {}
func (deaf) Delta(string)               {}
func (deaf) ToolCall(model.ToolCall)    {}
func (deaf) ToolRunning(model.ToolCall) {}
func (deaf) ToolDone(turn.ToolUse)      {}
func (deaf) Beat()                      {}
