package lambda

import (
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/quintet-agents/quintet/shared/local/localtest"
)

// The functions are processes of the test binary.
func TestMain(m *testing.M) {
	if os.Getenv("AWS_LAMBDA_RUNTIME_API") != "" {
		localtest.Run(os.Getenv("AWS_LAMBDA_FUNCTION_NAME"))
		return
	}
	goleak.VerifyTestMain(m)
}
