// Package body reads and validates the JSON bodies of requests.
//
// Read returns a body as an Object. A handler then asks it for each field by name and
// type: String, Bool, OptionalInt, OptionalCredits, OptionalChild and so on. Messages,
// MessageText and ThreadID are the fields that several vendors have in common. Every
// error is Invalid, names the field with its path, and says what is allowed there.
// Fields that no handler asks for are ignored.
//
// The package exists because encoding/json replaces lone surrogates and bytes that are
// not UTF-8 without an error, so a customer would get back another text than it sent.
// Here they are errors, as is NUL.
//
// Paths and queries are read by package param. What a vendor's field means, and its
// limits, is the vendor package's own.
package body
