package sam

import (
	"fmt"
	"testing"
)

func TestMock_Malformed(t *testing.T) {
	const around = `
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties: {DefinitionBody: {paths: {/a: {options: {x-amazon-apigateway-integration: {type: mock, responses: {%s}}}}}}}
`
	for name, responses := range map[string]string{
		"no default":      `"200": {statusCode: "200"}`,
		"no status":       `default: {responseParameters: {}}`,
		"a foreign value": `default: {statusCode: "200", responseParameters: {method.response.header.A: integration.response.header.B}}`,
		"a template":      `default: {statusCode: "200", responseTemplates: {application/json: "#foreach"}}`,
	} {
		if _, err := parse(fmt.Appendf(nil, around, responses), nil, DefaultEndpoint, nil); err == nil {
			t.Errorf("%s: got no error, want one", name)
		}
	}
}
