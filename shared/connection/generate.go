package connection

import "crypto/rand"

// ReplyKey names the secret of a mail connection that signs the tokens and ids in its mails.
const ReplyKey = "reply_key"

// Generate returns the secrets of a channel that are made for it and not given by the org. They
// are sealed like the others, and a rotation keeps them: mails of years ago are answered.
func Generate(c Channel) Secrets {
	if c != Email {
		return nil
	}
	return Secrets{ReplyKey: rand.Text()}
}
