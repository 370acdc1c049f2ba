// Package body reads and validates the JSON bodies of requests.
//
// Read returns a body as an Object. A handler then asks it for each field by name and
// type: String, OneOf, Bool, OptionalInt, OptionalCredits, OptionalChild and so on.
// Messages, MessageText and ThreadID are the fields that several vendors have in common.
// Every error is Invalid, names the field with its path, as in events[2], and says what
// is allowed there; the error of a wrong kind of value also says which kind was given.
// Fields that no handler asks for are ignored, unless Allow lists the others and a field
// is missing: then the error names the unknown one.
//
// The package exists because encoding/json replaces lone surrogates and bytes that are
// not UTF-8 without an error, so a customer would get back another text than it sent.
// Here they are errors, as is NUL.
//
// Paths and queries are read by package param. What a vendor's field means, and its
// limits, is the vendor package's own.
package body
