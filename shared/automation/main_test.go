package automation_test

import (
	"os"
	"testing"

	_ "github.com/quintet-agents/quintet/shared/automation/zones"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
)

func TestMain(m *testing.M) { os.Exit(dynamotest.Run(m)) }
