package contract_test

import (
	"go/parser"
	"go/token"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/quintet-agents/quintet/"

// Modules that several rules name.
const (
	uuid        = "github.com/google/uuid"
	groups      = "golang.org/x/sync/errgroup"
	aws         = "github.com/aws/aws-sdk-go-v2"
	eventStream = aws + "/aws/protocol/eventstream"
	smithy      = "github.com/aws/smithy-go"
	lambda      = "github.com/aws/aws-lambda-go"
	lambdaProxy = "github.com/awslabs/aws-lambda-go-api-proxy"
	jwt         = "github.com/golang-jwt/jwt/v5"
	yamlModule  = "go.yaml.in/yaml/v3"
	ssrf        = "code.dny.dev/ssrf"
	commonMark  = "github.com/yuin/goldmark"
	phones      = "github.com/nyaruka/phonenumbers"
	segments    = "github.com/clipperhouse/uax29/v2"
	enmime      = "github.com/jhillyerd/enmime/v2"
	htmlModule  = "golang.org/x/net/html"
	charsets    = "golang.org/x/text"
	domainNames = "golang.org/x/net/idna"
	headerNames = "golang.org/x/net/http/httpguts"
	jsonSchema  = "github.com/google/jsonschema-go"
	mcpSDK      = "github.com/modelcontextprotocol/go-sdk"
	signatures  = "github.com/standard-webhooks/standard-webhooks/libraries/go"
	anything    = "..."
)

// domain lists the domain packages, and clip, which shortens their texts.
var domain = []string{"shared/clip", "shared/fault", "shared/identity", "shared/agent", "shared/channel", "shared/idempotency", "shared/ledger", "shared/thread", "shared/turn", "shared/model", "shared/work", "shared/delivery", "shared/job", "shared/event", "shared/secret", "shared/connection"}

// readers are the packages that all model providers share.
var readers = []string{"shared/model/turns", "shared/model/gather", "shared/model/length", "shared/model/vision", "shared/model/watch"}

// arrow lists the packages that a package may import. A name in product or modules covers the
// packages below it, except below the domain, whose subfolders are adapters.
type arrow struct {
	from    string   // a package, or a pattern of path.Match
	product []string // of this module
	modules []string // of other modules
	never   []string // of the standard library
}

// arrows is the whole architecture. The first rule that matches a package applies to it, and each
// package needs one. .golangci.yaml repeats the rules for editors.
var arrows = []arrow{
	// The domain imports no transport and no vendor.
	{from: "shared/fault", never: []string{"net/http"}},
	{from: "shared/model", product: []string{"shared/fault"}, never: []string{"net/http"}},
	{from: "shared/{identity,secret,turn}", product: append([]string{"shared/recall"}, domain...), modules: []string{uuid, groups}, never: []string{"net/http"}},
	// Deliveries do not import turns, and neither does the work that they share with jobs.
	{from: "shared/work", modules: []string{groups}, never: []string{"net/http"}},
	{from: "shared/delivery", product: []string{"shared/fault", "shared/work"}, modules: []string{uuid}, never: []string{"net/http"}},
	{from: "shared/connection", product: []string{"shared/fault"}, modules: []string{uuid}, never: []string{"net/http"}},
	{from: "shared/{agent,channel,event,job,idempotency,ledger,thread}", product: domain, modules: []string{uuid, groups}, never: []string{"net/http"}},

	{from: "shared/awshttp"},
	{from: "shared/awscall", modules: []string{aws}},
	{from: "shared/{clip,recall}"},

	// Tools know no transport: outbound sends their requests.
	{from: "shared/template", product: []string{"shared/clip", "shared/fault"}, never: []string{"net/http"}},
	{from: "shared/automation", product: append([]string{"shared/automation/cron", "shared/request", "shared/template"}, domain...), modules: []string{uuid, groups}, never: []string{"net/http"}},
	// Its effects know no transport: outbound sends the requests, and providers the messages.
	{from: "shared/automation/effect", product: append([]string{"shared/automation", "shared/inbox", "shared/recall", "shared/request"}, domain...), never: []string{"net/http"}},
	{from: "shared/automation/{cron,zones}", never: []string{"net/http"}},
	{from: "shared/automation/hook", product: append([]string{"shared/automation", "shared/recall"}, domain...), modules: []string{signatures}},
	{from: "shared/api/health", product: []string{"shared/api/wire", "shared/fault"}},
	{from: "shared/request", product: append([]string{"shared/template"}, domain...), modules: []string{headerNames}, never: []string{"net/http"}},
	{from: "shared/tool", product: append([]string{"shared/recall", "shared/request"}, domain...), modules: []string{jsonSchema}, never: []string{"net/http"}},

	// Packages between the domain and the API of another product.
	{from: "shared/delivery/outbound", product: domain, modules: []string{ssrf, signatures}},
	// Only mcp links the SDK, so that functions that list tools need not.
	{from: "shared/tool/pin", product: domain, never: []string{"net/http"}},
	{from: "shared/tool/mcp", product: append([]string{"shared/tool/pin", "shared/delivery/outbound", "shared/request"}, domain...), modules: []string{mcpSDK}},
	{from: "shared/channel/meta", product: append([]string{"shared/channel/refusal", "shared/channel/split"}, domain...)},
	{from: "shared/channel/twilio", product: append([]string{"shared/channel/refusal", "shared/channel/split"}, domain...)},
	{from: "shared/channel/refusal", product: domain},
	{from: "shared/channel/markdown", modules: []string{commonMark}, never: []string{"net/http"}},
	{from: "shared/channel/phone", modules: []string{phones}},
	{from: "shared/channel/split", modules: []string{segments}},
	{from: "shared/channel/phone/alias"}, // without the library, which is slow to load
	{from: "shared/channel/mail", product: append([]string{"shared/channel/sns"}, domain...), modules: []string{enmime, htmlModule, charsets}},
	{from: "shared/channel/sns"},
	{from: "shared/channel/mail/reply", product: append([]string{"shared/channel/markdown"}, domain...), modules: []string{uuid, domainNames}},
	{from: "shared/channel/ses", product: slices.Concat(domain, []string{"shared/channel/mail", "shared/channel/mail/reply"}), modules: []string{aws, smithy, uuid}},
	// The inbox knows no provider and no transport.
	{from: "shared/inbox", product: append([]string{"shared/channel/markdown", "shared/channel/phone/alias", "shared/model/picture"}, domain...), modules: []string{uuid, groups}, never: []string{"net/http"}},
	{from: "shared/dynamo", product: append([]string{"shared/automation", "shared/inbox", "shared/recall"}, domain...), modules: []string{aws, groups, smithy}},
	{from: "shared/session", product: []string{"shared/identity"}, modules: []string{jwt}},
	{from: "shared/cognito", product: domain, modules: []string{aws}},
	{from: "shared/ssm", product: []string{"shared/awscall"}, modules: []string{aws}},
	{from: "shared/queue", product: []string{"shared/work"}, modules: []string{aws}},
	{from: "shared/kms", product: append([]string{"shared/awscall"}, domain...)},
	{from: "shared/sts", product: []string{"shared/awscall"}, modules: []string{aws}},
	{from: "shared/model/apikey", never: []string{"net/http"}},
	{from: "shared/model/{turns,length,vision,picture}", product: domain},
	{from: "shared/model/gather", product: domain, modules: []string{uuid}},
	{from: "shared/model/watch", product: domain},
	{from: "shared/model/bedrock", product: slices.Concat(domain, readers), modules: []string{aws, smithy}},
	{from: "shared/model/openai", product: slices.Concat(domain, readers, []string{"shared/model/apikey", "shared/recall"})},
	{
		from:    "shared/provider",
		product: slices.Concat(domain, readers, []string{"shared/awscall", "shared/delivery/outbound", "shared/model/apikey", "shared/model/bedrock", "shared/model/openai", "shared/recall"}),
		modules: []string{aws},
	},
	{from: "shared/model/scripted", product: append([]string{"shared/model/picture"}, domain...), modules: []string{eventStream, uuid}},

	// A surface imports the domain, and no other surface.
	{from: "shared/api/wire", product: append([]string{"shared/api/wire/body", "shared/api/wire/param"}, domain...), modules: []string{uuid}},
	{from: "shared/api/wire/param", product: []string{"shared/agent", "shared/fault"}, modules: []string{uuid}},
	{from: "shared/api/wire/body", product: append([]string{"shared/api/wire/param"}, domain...)},
	{from: "shared/api/wire/*", product: slices.Concat(domain, []string{"shared/api/wire"})},
	// The webhooks of channels are in their providers' forms.
	{from: "shared/api/inbound/frame", product: []string{"shared/api/wire", "shared/fault"}},
	{from: "shared/api/inbound/hook", product: slices.Concat(domain, []string{"shared/api/inbound/frame", "shared/api/wire", "shared/automation"})},
	{from: "shared/api/inbound", product: slices.Concat(domain, []string{"shared/api/inbound/frame", "shared/api/wire", "shared/channel/meta", "shared/channel/twilio", "shared/channel/mail", "shared/inbox", "shared/recall"}), modules: []string{uuid}},
	{from: "shared/api/*", product: slices.Concat(domain, []string{"shared/api/wire"}), modules: []string{uuid, groups}},
	// The managing API is a package for each noun.
	{from: "shared/api/manage/operator", product: slices.Concat(domain, []string{"shared/api/manage/credits", "shared/api/manage/frame", "shared/api/manage/org", "shared/api/wire"}), modules: []string{uuid}},
	{from: "shared/api/manage/contact", product: slices.Concat(domain, []string{"shared/api/manage/frame", "shared/api/wire", "shared/inbox"})},
	{from: "shared/api/manage/thread", product: slices.Concat(domain, []string{"shared/api/manage/contact", "shared/api/manage/frame", "shared/api/wire", "shared/inbox"})},
	{from: "shared/api/manage/connection", product: slices.Concat(domain, []string{"shared/api/manage/frame", "shared/api/wire", "shared/inbox"}), modules: []string{uuid}},
	{from: "shared/api/manage/tool", product: slices.Concat(domain, []string{"shared/api/manage/agent", "shared/api/manage/frame", "shared/api/wire", "shared/request", "shared/tool", "shared/tool/mcp", "shared/tool/pin"}), modules: []string{uuid}},
	{from: "shared/api/manage/run", product: slices.Concat(domain, []string{"shared/api/manage/frame", "shared/api/wire", "shared/automation"})},
	{from: "shared/api/manage/automation", product: slices.Concat(domain, []string{"shared/api/manage/frame", "shared/api/wire", "shared/automation"})},
	{from: "shared/api/manage/*", product: slices.Concat(domain, []string{"shared/api/manage/frame", "shared/api/wire"}), modules: []string{uuid}},

	// Only boot imports AWS and Lambda. boot/chat imports the models' clients, so that functions that
	// do not chat do not link them.
	{
		from:    "shared/boot",
		product: slices.Concat(domain, []string{"shared/dynamo", "shared/session", "shared/api/wire", "shared/awshttp"}),
		modules: []string{aws, lambda, lambdaProxy},
	},
	{
		from: "shared/boot/chat",
		product: slices.Concat(domain, []string{
			"shared/awscall", "shared/boot", "shared/delivery/outbound", "shared/kms", "shared/model/apikey", "shared/model/bedrock", "shared/model/openai",
			"shared/model/watch", "shared/provider", "shared/ssm", "shared/sts",
		}),
		modules: []string{aws},
	},
	{
		from:    "shared/boot/login",
		product: []string{"shared/identity", "shared/boot", "shared/cognito"},
		modules: []string{aws},
	},
	{from: "shared/boot/tools", product: slices.Concat(domain, []string{"shared/awscall", "shared/boot", "shared/delivery/outbound", "shared/kms", "shared/tool", "shared/tool/mcp", "shared/tool/pin"})},
	{from: "shared/boot/desk", product: []string{"shared/boot", "shared/delivery/outbound", "shared/api/manage/tool"}},
	{from: "shared/boot/guard", product: []string{"shared/boot", "shared/delivery/outbound"}},
	{
		from:    "shared/boot/later",
		product: slices.Concat(domain, []string{"shared/automation", "shared/awscall", "shared/boot", "shared/delivery/outbound", "shared/dynamo", "shared/inbox", "shared/kms", "shared/queue"}),
		modules: []string{aws},
	},
	{from: "shared/boot/schedules", product: []string{"shared/automation", "shared/boot"}},
	{
		from:    "shared/boot/automations",
		product: slices.Concat(domain, []string{"shared/automation", "shared/boot", "shared/delivery/outbound", "shared/inbox"}),
	},
	{
		from:    "shared/boot/whatsapp",
		product: slices.Concat(domain, []string{"shared/boot", "shared/channel/meta", "shared/channel/phone", "shared/inbox"}),
	},
	// boot/channels imports the providers' clients, for the functions of channels.
	{
		from: "shared/boot/channels",
		product: slices.Concat(domain, []string{
			"shared/api/inbound", "shared/boot", "shared/channel/mail", "shared/channel/meta", "shared/channel/ses", "shared/channel/sns", "shared/channel/twilio", "shared/inbox",
		}),
	},
	{from: "functions/*", product: []string{"shared/boot", "shared/api", "shared/ledger", "shared/turn"}},

	// Packages that run the product locally. The runner itself serves any SAM project. Its packages
	// read the template (sam), and none imports another, except that the gateway invokes functions
	// (lambda).
	{from: "shared/local/{arn,filter,listen,logs,schedule,velocity}"},
	{from: "shared/local/child", product: []string{"shared/local/logs"}},
	{from: "shared/local/sam", product: []string{"shared/local/arn", "shared/local/filter", "shared/local/schedule", "shared/local/velocity"}, modules: []string{aws, yamlModule}},
	{from: "shared/local/lambda", product: []string{"shared/local/arn", "shared/local/child", "shared/local/logs", "shared/local/sam"}, modules: []string{uuid}},
	{from: "shared/local/gateway", product: []string{"shared/local/arn", "shared/local/lambda", "shared/local/logs", "shared/local/sam"}, modules: []string{lambda + "/events", uuid}},
	{from: "shared/local/source", product: []string{"shared/local/arn", "shared/local/logs", "shared/local/sam"}, modules: []string{aws, lambda + "/events", uuid}},
	{from: "shared/local/engine", product: []string{"shared/awshttp", "shared/local/arn", "shared/local/child", "shared/local/listen", "shared/local/logs", "shared/local/sam"}, modules: []string{aws}},
	{from: "shared/local/localtest", modules: []string{anything}},
	{from: "shared/local", product: []string{"shared/local"}, modules: []string{aws}},
	{from: "shared/routes", product: []string{"shared/boot", "shared/api", "shared/ledger", "shared/turn"}},
	{from: "shared/cmd/openapi", product: []string{"shared/cmd/command"}, modules: []string{yamlModule}},
	{from: "shared/cmd/*", product: []string{"shared"}, modules: []string{uuid}},

	// Packages of tests.
	{from: "shared/*/*test", product: []string{"shared"}, modules: []string{anything}},
	{from: "tests/*", product: []string{"shared", "tests"}, modules: []string{anything}},
	{from: "tests/*/*", product: []string{"shared", "tests"}, modules: []string{anything}},
}

func TestImports(t *testing.T) {
	for from, imports := range packages(t) {
		rule, ok := ruleOf(from)
		if !ok {
			t.Errorf("%s: got no rule in arrows, want one", from)
			continue
		}
		for _, to := range imports {
			if !rule.allows(to) {
				t.Errorf("%s: got an import of %s, want none", from, to)
			}
		}
	}
}

// A surface's function links its own surface only.
func TestImports_FunctionsOneSurface(t *testing.T) {
	for from, imports := range packages(t) {
		surfaces := slices.DeleteFunc(slices.Clone(imports), func(to string) bool { return !strings.HasPrefix(to, module+"shared/api/") })
		if strings.HasPrefix(from, "functions/") && len(surfaces) > 1 {
			t.Errorf("%s: got imports %v, want one surface", from, surfaces)
		}
	}
}

// An unused rule would allow a forbidden import by mistake.
func TestImports_EveryRuleUsed(t *testing.T) {
	used := map[string]bool{}
	for from := range packages(t) {
		if rule, ok := ruleOf(from); ok {
			used[rule.from] = true
		}
	}
	for _, rule := range arrows {
		if !used[rule.from] {
			t.Errorf("got no package for the rule of %s, want one", rule.from)
		}
	}
}

func ruleOf(from string) (arrow, bool) {
	for _, rule := range arrows {
		for _, pattern := range alternatives(rule.from) {
			if ok, _ := path.Match(pattern, from); ok {
				return rule, true
			}
		}
	}
	return arrow{}, false
}

// alternatives expands a pattern with one {a,b}.
func alternatives(pattern string) []string {
	before, rest, ok := strings.Cut(pattern, "{")
	if !ok {
		return []string{pattern}
	}
	names, after, _ := strings.Cut(rest, "}")
	var all []string
	for name := range strings.SplitSeq(names, ",") {
		all = append(all, before+name+after)
	}
	return all
}

func (a arrow) allows(to string) bool {
	own, ok := strings.CutPrefix(to, module)
	switch {
	case ok:
		return slices.ContainsFunc(a.product, func(name string) bool {
			return own == name || !slices.Contains(domain, name) && strings.HasPrefix(own, name+"/")
		})
	case strings.Contains(strings.Split(to, "/")[0], "."):
		return slices.ContainsFunc(a.modules, func(name string) bool {
			return name == anything || to == name || strings.HasPrefix(to, name+"/")
		})
	}
	return !slices.Contains(a.never, to)
}

// packages returns the imports of each package without its tests, which may import anything.
func packages(t *testing.T) map[string][]string {
	t.Helper()
	imports := map[string]map[string]bool{}
	sources(t, func(name string) error {
		file, err := parser.ParseFile(token.NewFileSet(), inProject(name), nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		from := path.Dir(name)
		if imports[from] == nil {
			imports[from] = map[string]bool{}
		}
		for _, spec := range file.Imports {
			imports[from][unquote(t, spec.Path.Value)] = true
		}
		return nil
	}, "functions", "shared", "tests")
	sorted := map[string][]string{}
	for from, set := range imports {
		sorted[from] = slices.Sorted(maps.Keys(set))
	}
	return sorted
}
