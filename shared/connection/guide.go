package connection

import (
	"fmt"
	"regexp"
	"strings"
)

// IdentityTag is the tag of an identity in Amazon SES that names the org that may send from it.
// All orgs of a deployment share its SES account, so a verified domain alone proves nothing.
const IdentityTag = "quintet:org"

// PostmarkInlet is the mail server with which Postmark receives the mail of whole domains.
const PostmarkInlet = "inbound.postmarkapp.com"

// WebhookURL returns where the provider sends messages: below the connection's public URL,
// or below the deployment's base URL where it has none.
func (c Connection) WebhookURL(base string) string {
	if c.Settings.PublicURL != "" {
		base = c.Settings.PublicURL
	}
	return base + "/api/webhooks/" + string(c.Channel) + "/" + c.ID
}

// Guide returns the steps that connect the account in its provider's console, for a webhook
// URL. It names secrets by their fields and contains none. The first step of a deployment that
// providers cannot reach is to make it reachable, and the last one asks the provider.
func (c Connection) Guide(webhookURL string) []string {
	var steps []string
	if !strings.HasPrefix(webhookURL, "https://") {
		steps = append(steps, fmt.Sprintf("No provider reaches %s. Open a tunnel to it, set settings.public_url to the tunnel's https URL, and read these steps again.", webhookURL))
	}
	return append(append(steps, c.console(webhookURL)...),
		fmt.Sprintf("Then POST /api/v1/connections/%s/verify. The answer's verification says what is wrong, and what to do about it.", c.ID))
}

// console returns the steps in the provider's console, and those of the operator.
func (c Connection) console(webhookURL string) []string {
	switch c.Channel {
	case WhatsApp:
		return append(metaSteps("WhatsApp > Configuration", webhookURL, "messages"),
			fmt.Sprintf("Under WhatsApp > API Setup, check that the phone number ID is %s, and that access_token is of a system user who may use it.", c.Identifiers["phone_number_id"]),
			"Meta allows the agent of a business here, and no general assistant: read the WhatsApp Business Solution Terms.",
		)
	case Instagram:
		return append(metaSteps("Instagram > API setup", webhookURL, "messages, messaging_postbacks, messaging_seen and message_reactions"),
			fmt.Sprintf("Subscribe the account %s to the app, and allow access to messages in the account's settings on Instagram.", c.Identifiers["account_id"]),
		)
	case Messenger:
		return append(metaSteps("Messenger > Messenger API Settings", webhookURL, "messages, messaging_postbacks, message_echoes, message_deliveries and message_reads"),
			fmt.Sprintf("Under Access Tokens, subscribe the page %s to the app.", c.Identifiers["page_id"]),
		)
	case Twilio:
		return twilioSteps(c.Identifiers["from"], webhookURL)
	case Email:
		steps := mailSteps(Provider(c.Identifiers[ProviderField]), c.Identifiers["address"], c.Identifiers["topic_arn"], webhookURL)
		return append(steps, fmt.Sprintf("Answers are sent by Amazon SES. The deployment's operator verifies %s or its domain there, and tags that identity %s with %s.",
			c.Identifiers["address"], IdentityTag, c.OrgID))
	}
	return nil
}

func metaSteps(place, webhookURL, fields string) []string {
	return []string{
		"Open your app at https://developers.facebook.com/apps.",
		"Under App settings > Basic, compare the App secret with the app_secret of this connection.",
		fmt.Sprintf("Under %s, paste the callback URL %s and, as verify token, the verify_token of this connection. Then choose Verify and save.", place, webhookURL),
		fmt.Sprintf("Subscribe to these webhook fields: %s.", fields),
	}
}

func twilioSteps(from, webhookURL string) []string {
	place := fmt.Sprintf("Under Phone Numbers > Manage > Active numbers, choose %s and, under Messaging, A message comes in, ", from)
	switch {
	case strings.HasPrefix(from, "whatsapp:"):
		place = fmt.Sprintf("Under Messaging > Senders > WhatsApp senders, choose %s and, as webhook URL for incoming messages, ", from)
	case strings.HasPrefix(from, "rcs:"):
		place = fmt.Sprintf("Under Messaging > Senders > RCS senders, choose %s and, as webhook URL for incoming messages, ", from)
	case strings.HasPrefix(from, "MG"):
		place = fmt.Sprintf("Under Messaging > Services, choose %s and, under Integration, Send a webhook, ", from)
	}
	return []string{
		"Open https://console.twilio.com and the account of this connection's account_sid.",
		place + fmt.Sprintf("paste %s with the method HTTP POST.", webhookURL),
		"Paste the URL as it is, and keep no second handler for the same number: Twilio signs the exact URL. If Twilio must call another one, such as that of a proxy, set settings.public_url first.",
		"Where a webhook rule of Twilio's signs with a shared key, rotate the connection's credentials to add its signing_key_id and signing_key.",
	}
}

// plus returns an address with an example of a plus part.
func plus(address string) string {
	local, domain, _ := strings.Cut(address, "@")
	return local + "+...@" + domain
}

// mailgunRoute returns the expression of a route that receives an address with any plus part.
func mailgunRoute(address string) string {
	local, domain, _ := strings.Cut(address, "@")
	return fmt.Sprintf(`match_recipient("^%s(\+.*)?@%s$")`, regexp.QuoteMeta(local), regexp.QuoteMeta(domain))
}

func mailSteps(p Provider, address, topic, webhookURL string) []string {
	const size = "Mail above about 4.5 MB, with its attachments, does not arrive."
	switch p {
	case SendGrid:
		return []string{
			fmt.Sprintf("In your DNS, point the MX record of the domain of %s to mx.sendgrid.net.", address),
			fmt.Sprintf("At https://app.sendgrid.com, under Settings > Inbound Parse, add the domain with the URL %s and choose to post the raw message.", webhookURL),
			"Create a security policy with signature verification and attach it to that setting. Only SendGrid's API can: see https://www.twilio.com/docs/sendgrid/for-developers/parsing-email/securing-your-parse-webhooks. The policy's public key is the signing_key of this connection.",
			size,
		}
	case Mailgun:
		return []string{
			fmt.Sprintf("In your DNS, point the MX records of the domain of %s to Mailgun, as its domain page says.", address),
			fmt.Sprintf("At https://app.mailgun.com, under Receiving, create a route with the expression %s that forwards to %s. It also matches the addresses that answers go to.", mailgunRoute(address), webhookURL),
			"Under Account security > API keys, compare the HTTP webhook signing key with the signing_key of this connection.",
			size,
		}
	case Postmark:
		return []string{
			fmt.Sprintf("At https://account.postmarkapp.com, open the inbound stream of your server. Have your mail server forward mail for %s to the stream's inbound address, also mail for the address with a plus part (%s), which answers ask to reply to.", address, plus(address)),
			fmt.Sprintf("Or let Postmark receive all mail of the domain: name it as the stream's inbound domain, and point its MX record to %s.", PostmarkInlet),
			fmt.Sprintf("Under Settings, paste %s as webhook, with the username and the password of this connection in their places.", strings.Replace(webhookURL, "://", "://username:password@", 1)),
			size,
		}
	case SES:
		return []string{
			fmt.Sprintf("In your DNS, point the MX record of the domain of %s to Amazon SES in the region of the topic.", address),
			fmt.Sprintf("In the SES console, under Email receiving, create a rule for %s that publishes to the topic %s with encoding Base64.", address, topic),
			fmt.Sprintf("In the SNS console, subscribe %s to the topic with the protocol HTTPS and without raw message delivery.", webhookURL),
			"Mail above 150 KB bounces: use an SNS action, for mail in buckets is not read.",
		}
	}
	return nil
}
