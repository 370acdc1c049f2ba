// Package openapi serves the API's document, which is generated from the parts beside the surfaces'
// code.
package openapi

import (
	_ "embed"
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/fault"
)

//go:generate go run -C ../../.. ./shared/cmd/openapi

// Document is the OpenAPI document, as JSON.
//
//go:embed document.json
var Document []byte

// Get answers GET /openapi.json. It needs no key.
func Get() http.Handler {
	return wire.CORS(wire.Handle(writeError, func(w http.ResponseWriter, _ *http.Request) error {
		w.Header().Set("Content-Type", "application/json")
		// Only a deployment changes the document, so clients may cache it for some minutes.
		w.Header().Set("Cache-Control", "public, max-age=300")
		_, _ = w.Write(Document)
		return nil
	}))
}

func writeError(w http.ResponseWriter, _ *fault.Error) {
	_ = wire.JSON(w, http.StatusInternalServerError, map[string]string{"error": "internal_error"})
}
