package flowgent

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/channel/meta"
	"github.com/quintet-agents/quintet/shared/channel/phone"
	"github.com/quintet-agents/quintet/tests/graph"
)

var update = flag.Bool("update", false, "write the golden files")

var shop = graph.Number{
	ID: "106540352242922", AccountID: "215589313241560883", Token: "EAAsecret",
	Templates: []graph.Template{
		{Name: "hello_world", Language: "en", Format: "TEXT", Header: "Hello World", Body: "Welcome!", Footer: "The shop"},
		{Name: "order_update", Language: "en_US", Format: "IMAGE", Body: "Your order {{1}} is {{2}}."},
		{Name: "welcome", Language: "nl_NL", Format: "TEXT", Header: "{{shop}}", Body: "Hi {{first_name}} from {{city}}"},
		{Name: "invoice", Language: "es_MX", Format: "DOCUMENT", Body: "{{1}}, {{2}}"},
		{Name: "delivery", Language: "en", Format: "LOCATION", Body: "On its way"},
		{Name: "tour", Language: "en", Format: "VIDEO", Body: "Look"},
		{Name: "offer", Language: "en", Body: "{{1}} off", Buttons: []graph.Label{{Type: "COPY_CODE", Text: "Copy code"}, {Type: "URL", Text: "Shop"}, {Type: "QUICK_REPLY", Text: "Stop"}, {Type: "FLOW", Text: "Sign up"}}},
		{Name: "cards", Language: "en", Body: "For {{1}}"},
	},
}

// Each request becomes the documented request to Meta, which the fake checks, and a text for
// the thread, with the template's definition and without it.
func TestTemplate_Golden(t *testing.T) {
	files, err := filepath.Glob("testdata/template/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("got %v, %v", files, err)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			request := archive.Files[0]
			server := graph.Start(t, shop)
			client := meta.NewClient(http.DefaultClient, server.URL, meta.DefaultVersion)
			from := channel.Sender{PhoneNumberID: shop.ID, Token: shop.Token}

			q, err := readTemplate(request.Data)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := client.SendTemplate(t.Context(), from, channel.Message{To: q.to, Template: q.template}); err != nil {
				t.Fatalf("Meta refuses it: %v, %+v", err, err)
			}
			definition, err := client.Definition(t.Context(), from, shop.AccountID, q.template.Name, q.template.Language)
			if err != nil {
				t.Fatal(err)
			}
			got := txtar.Format(&txtar.Archive{Files: []txtar.File{
				request,
				{Name: "sent.json", Data: indented(t, server.Accepted()[0].Body)},
				{Name: "customer.txt", Data: []byte(q.customer + "\n")},
				{Name: "text.txt", Data: []byte(q.template.Text(definition) + "\n")},
				{Name: "text_without_definition.txt", Data: []byte(q.template.Text(nil) + "\n")},
			}})
			if *update {
				if err := os.WriteFile(name, got, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if d := cmp.Diff(string(txtar.Format(archive)), string(got)); d != "" && !*update {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func readTemplate(raw []byte) (templateRequest, error) {
	o, err := body.Read(httptest.NewRequest("POST", "/", bytes.NewReader(raw)))
	if err != nil {
		return templateRequest{}, err
	}
	return templateOf(o, phone.Parse)
}

func indented(t *testing.T, raw []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := json.Indent(&b, raw, "", "  "); err != nil {
		t.Fatal(err)
	}
	return append(b.Bytes(), '\n')
}
