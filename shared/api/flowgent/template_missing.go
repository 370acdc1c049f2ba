package flowgent

import "github.com/quintet-agents/quintet/shared/fault"

// missingFields is the title of an error about required fields; WriteError knows it by the
// field, as with dates.
const missingFields = "Missing required fields"

// The texts are the vendor's.
var (
	errNoRecipient = &fault.Error{Code: fault.Invalid, Field: missingFields, Message: "recipient_phone_number and template_name are required"}
	errNoLanguage  = &fault.Error{Code: fault.Invalid, Field: missingFields, Message: "language is required"}
)
