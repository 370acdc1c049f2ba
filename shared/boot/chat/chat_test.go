package chat_test

import (
	"testing"

	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/boot/chat"
	"github.com/quintet-agents/quintet/shared/model/bedrock"
	"github.com/quintet-agents/quintet/shared/model/openai"
)

func TestEngine_ModelBaseURL(t *testing.T) {
	const endpoint = "http://127.0.0.1:1"
	if p, ok := chat.Engine(boot.NewDeps(boot.Config{Endpoint: endpoint})).Model.(*bedrock.Provider); !ok {
		t.Errorf("got model %T without a base URL, want *bedrock.Provider", p)
	}
	if p, ok := chat.Engine(boot.NewDeps(boot.Config{Endpoint: endpoint, ModelBaseURL: "http://127.0.0.1:2/v1"})).Model.(*openai.Provider); !ok {
		t.Errorf("got model %T with a base URL, want *openai.Provider", p)
	}
}
