package dynamo

// sendKey is the record of a send. Each has a partition of its own: they are many, and nobody
// lists them.
func sendKey(orgID, id string) key { return key{orgPK(orgID) + sendMark + id, sendSK} }

const (
	sendMark = "#SEND#"
	sendSK   = "SEND"
)
