package cognito_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/quintet-agents/quintet/shared/cognito"
	"github.com/quintet-agents/quintet/shared/cognito/cognitotest"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/identity"
)

// Both calls of a log-in have the hash of the user's name and the client's secret. The local
// pool does not check it, so the test inspects the requests.
func TestSecretHash(t *testing.T) {
	p := cognitotest.Open(t)
	described, err := p.API.DescribeUserPoolClient(t.Context(), &idp.DescribeUserPoolClientInput{UserPoolId: &p.ID, ClientId: &p.Client})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.CreateUser(t.Context(), email); err != nil {
		t.Fatal(err)
	}
	if err := p.SetPassword(t.Context(), email, temporary, false); err != nil {
		t.Fatal(err)
	}
	sent := &sentCalls{next: p.API.Options().HTTPClient}
	api := idp.New(p.API.Options(), func(o *idp.Options) { o.HTTPClient = sent })
	if _, err := cognito.New(api, p.ID, p.Client).SignIn(t.Context(), email, temporary, "Chosen, for good: 1"); err != nil {
		t.Fatal(err)
	}
	if len(sent.parameters) != 2 {
		t.Fatalf("got %d calls with parameters, want 2", len(sent.parameters))
	}
	for _, got := range sent.parameters {
		mac := hmac.New(sha256.New, []byte(*described.UserPoolClient.ClientSecret))
		mac.Write([]byte(got["USERNAME"] + p.Client))
		if want := base64.StdEncoding.EncodeToString(mac.Sum(nil)); got["SECRET_HASH"] != want {
			t.Errorf("got %v, want SECRET_HASH %s", got, want)
		}
	}
}

// sentCalls records the parameters of log-in calls.
type sentCalls struct {
	next       idp.HTTPClient
	parameters []map[string]string
}

func (s *sentCalls) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	var call struct{ AuthParameters, ChallengeResponses map[string]string }
	if err := json.Unmarshal(body, &call); err != nil {
		return nil, err
	}
	for _, parameters := range []map[string]string{call.AuthParameters, call.ChallengeResponses} {
		if parameters != nil {
			s.parameters = append(s.parameters, parameters)
		}
	}
	return s.next.Do(r)
}

// The device key derives from the client's secret. A client without a secret has no device
// key and can log users in.
func TestDeviceKey(t *testing.T) {
	p, table := cognitotest.Open(t), dynamotest.Open(t)
	u := p.User(t, table, table.Org(t, 0), identity.Member)
	client := func(secret bool) *cognito.Directory {
		t.Helper()
		made, err := p.API.CreateUserPoolClient(t.Context(), &idp.CreateUserPoolClientInput{
			UserPoolId: &p.ID, ClientName: aws.String("another"), GenerateSecret: secret,
			ExplicitAuthFlows: []types.ExplicitAuthFlowsType{types.ExplicitAuthFlowsTypeAllowUserPasswordAuth},
		})
		if err != nil {
			t.Fatal(err)
		}
		return cognito.New(p.API, p.ID, *made.UserPoolClient.ClientId)
	}
	key := func(d *cognito.Directory) []byte {
		t.Helper()
		k, err := d.DeviceKey(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	first, second, bare := client(true), client(true), client(false)
	if len(key(first)) != 32 || !bytes.Equal(key(first), key(first)) || bytes.Equal(key(first), key(second)) {
		t.Error("got keys that do not follow the client, want 32 bytes of its own for each")
	}
	if got := key(bare); got != nil {
		t.Errorf("got key %x without a secret, want none", got)
	}
	if _, err := bare.SignIn(t.Context(), u.Email, cognitotest.Password, ""); err != nil {
		t.Errorf("without a secret: %v", err)
	}
}
