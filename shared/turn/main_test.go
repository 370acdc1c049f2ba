package turn_test

import (
	"flag"
	"testing"

	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
)

// races is the number of cancellations that race with settlements.
var races = flag.Int("races", 60, "cancellations that race with settlements")

func TestMain(m *testing.M) { dynamotest.Main(m) }
