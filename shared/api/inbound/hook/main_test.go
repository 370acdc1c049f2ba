package hook_test

import (
	"testing"

	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
)

func TestMain(m *testing.M) { dynamotest.Main(m) }
