package sam

import (
	"fmt"
	"strings"
)

// GatewayResponse is one entry of an API's GatewayResponses: the format of one of the
// gateway's own answers.
type GatewayResponse struct {
	StatusCode int `yaml:"StatusCode"`
	Parameters struct {
		Headers map[string]string `yaml:"Headers"`
	} `yaml:"ResponseParameters"`
	Templates map[string]string `yaml:"ResponseTemplates"`
}

// check rejects expressions that header cannot evaluate.
func (g GatewayResponse) check() error {
	for name, expression := range g.Parameters.Headers {
		if err := checkExpression(name, expression); err != nil {
			return err
		}
	}
	return nil
}

func checkExpression(header, expression string) error {
	literal := len(expression) > 1 && strings.HasPrefix(expression, "'") && strings.HasSuffix(expression, "'")
	if !literal && !strings.HasPrefix(expression, "context.") && !strings.HasPrefix(expression, "method.request.header.") {
		return fmt.Errorf("the value of header %s must be a 'quoted' literal, context.… or method.request.header.…, it is %s", header, expression)
	}
	return nil
}
