package contract_test

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
)

// The webhooks of channels.
const (
	whatsAppHook  = "/api/webhooks/whatsapp/$WHATSAPP"
	instagramHook = "/api/webhooks/instagram/$INSTAGRAM"
	messengerHook = "/api/webhooks/messenger/$MESSENGER"
	mailHook      = "/api/webhooks/email/$EMAIL"
	twilioHook    = "/api/webhooks/twilio/$TWILIO"

	handshake = "?hub.mode=subscribe&hub.verify_token=" + verifyToken + "&hub.challenge=1158201444"
)

// A batch of each of Meta's channels, as Meta writes it.
const (
	aWhatsAppBatch = `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"messaging_product":"whatsapp",` +
		`"metadata":{"display_phone_number":"15550783881","phone_number_id":"` + shopNumber + `"},` +
		`"contacts":[{"profile":{"name":"Ann"},"wa_id":"31612345678"}],` +
		`"messages":[{"from":"31612345678","id":"wamid.1","timestamp":"1796004555","type":"text","text":{"body":"caf\u00e9 \ud83c\udfbb"}}]}}]}]}`
	aWhatsAppStatus = `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"messaging_product":"whatsapp",` +
		`"metadata":{"phone_number_id":"` + shopNumber + `"},"statuses":[{"id":"` + sentID + `","status":"delivered","timestamp":"1796004555","recipient_id":"31612345678"}]}}]}]}`
	aWhatsAppNotice = `{"object":"whatsapp_business_account","entry":[{"id":"1","time":1796004555,"changes":[{"field":"account_update","value":{"event":"DISABLED_UPDATE","ban_info":{"waba_ban_state":"DISABLE"}}}]}]}`

	anInstagramBatch = `{"object":"instagram","entry":[{"id":"` + shopInsta + `","time":1796004555000,"messaging":[` +
		`{"sender":{"id":"71"},"recipient":{"id":"` + shopInsta + `"},"timestamp":1796004555000,"message":{"mid":"m_1","text":"hello"}},` +
		`{"sender":{"id":"` + shopInsta + `"},"recipient":{"id":"71"},"timestamp":1796004555000,"message":{"mid":"m_2","text":"echo","is_echo":true}},` +
		`{"sender":{"id":"71"},"recipient":{"id":"` + shopInsta + `"},"timestamp":1796004555000,"read":{"mid":"` + sentID + `"}}]}]}`
	aMessengerBatch = `{"object":"page","entry":[{"id":"` + shopPage + `","time":1796004555000,"messaging":[` +
		`{"sender":{"id":"72"},"recipient":{"id":"` + shopPage + `"},"timestamp":1796004555000,"message":{"mid":"m_3","text":"hello"}},` +
		`{"sender":{"id":"72"},"recipient":{"id":"` + shopPage + `"},"timestamp":1796004555000,"delivery":{"mids":["` + sentID + `"],"watermark":1796004555000}}]}]}`
)

// The fields of Twilio's requests, in the order in which a form is signed.
const (
	aTwilioMessage = "AccountSid=AC00000000000000000000000000000000&Body=hello&From=%2B31612345678&MessageSid=SM00000000000000000000000000000001&NumMedia=0&SmsStatus=received&To=%2B15551230000"
	aTwilioStatus  = "AccountSid=AC00000000000000000000000000000000&From=%2B15551230000&MessageSid=" + sentID + "&MessageStatus=delivered&To=%2B31612345678"
)

// A mail, and a report about one that was sent, as Postmark delivers them.
var (
	aMail = `{"FromFull":{"Email":"ann@example.com","Name":"Ann"},"ToFull":[{"Email":"$SHOP_ADDRESS"}],"OriginalRecipient":"$SHOP_ADDRESS","Subject":"Shoes","MessageID":"m-1","TextBody":"Do you rent shoes?",` +
		`"Headers":[{"Name":"Message-ID","Value":"<1@example.com>"}]}`
	aBounce = `{"FromFull":{"Email":"MAILER-DAEMON@example.org"},"ToFull":[{"Email":"$SHOP_ADDRESS"}],"OriginalRecipient":"$SHOP_ADDRESS","MessageID":"m-2","TextBody":"It failed.",` +
		`"Headers":[{"Name":"Return-Path","Value":"<>"},{"Name":"Content-Type","Value":"multipart/report; report-type=delivery-status; boundary=b"}],` +
		`"Attachments":[{"Name":"status","ContentType":"message/delivery-status","Content":"` + base64.StdEncoding.EncodeToString([]byte("Reporting-MTA: dns; x\n\nAction: failed\nStatus: 5.0.0\n")) + `"},` +
		`{"Name":"mail","ContentType":"message/rfc822","Content":"` + base64.StdEncoding.EncodeToString([]byte("Message-ID: <"+sentID+">\n\nHello")) + `"}]}`
)

// byPostmark is the basic authentication of Postmark's requests.
func byPostmark(r *http.Request, _ string) { r.SetBasicAuth("u", "p") }

var aForm = map[string]string{"Content-Type": "application/x-www-form-urlencoded"}

// signed makes deliveries of a provider.
func signed(sign func(*http.Request, string), header map[string]string, all ...exchange) []exchange {
	for i := range all {
		all[i].method, all[i].key, all[i].sign = post, "none", sign
		if all[i].header == nil {
			all[i].header = header
		}
	}
	return all
}

// handshakes are the checks of a webhook URL of Meta's.
func handshakes(function, path, otherChannels string) []exchange {
	return anonymously(of(function,
		exchange{method: get, path: path + handshake, status: 200},
		exchange{method: get, path: path, status: 403},
		exchange{method: get, path: path + strings.Replace(handshake, "token="+verifyToken, "token=other", 1), status: 403},
		exchange{method: get, path: path + strings.Replace(handshake, "subscribe", "unsubscribe", 1), status: 403},
		exchange{method: get, path: path + handshake + "%3Cscript%3E", status: 403},
		exchange{method: get, path: path + handshake + "&hub.challenge=2", status: 403},
		exchange{method: get, path: otherChannels + handshake, status: 404},
		exchange{method: get, path: path[:strings.LastIndex(path, "/")+1] + nowhere + handshake, status: 404},
		exchange{method: get, path: path[:strings.LastIndex(path, "/")+1] + "nothing" + handshake, status: 404},
	))
}

// unsigned are deliveries that no provider has signed, or that are not in its format.
func unsigned(function, path, otherChannels, body string) []exchange {
	return of(function, slices.Concat(
		signed(nil, nil,
			exchange{path: path, body: body, status: 401},
			exchange{path: path, body: body, header: map[string]string{"X-Hub-Signature-256": "sha256=" + strings.Repeat("0", 64)}, status: 401},
			exchange{path: path, body: body, header: map[string]string{"X-Hub-Signature": "sha1=" + strings.Repeat("0", 40)}, status: 401},
			exchange{path: path, status: 401},
		),
		signed(byMeta, nil,
			exchange{path: path, body: "{", status: 400},
			exchange{path: path, body: "[]", status: 400},
			exchange{path: path, body: "{}", status: 400},
			exchange{path: path, body: "\xff\xfe", status: 400}, // in base64, in an event
			exchange{path: path, body: strings.Repeat("[", 100_000), status: 400},
			exchange{path: path, body: strings.Repeat("x", 5<<20+1), status: 413},
			exchange{path: path, body: body, header: map[string]string{"Content-Encoding": "gzip"}, status: 415},
			exchange{path: otherChannels, body: body, status: 404},
			exchange{path: path[:strings.LastIndex(path, "/")+1] + nowhere, body: body, status: 404},
			exchange{path: path[:strings.LastIndex(path, "/")+1] + "nothing", body: body, status: 404},
		),
	)...)
}

var inbounds = slices.Concat(
	handshakes("inbound-whatsapp-verify", whatsAppHook, "/api/webhooks/whatsapp/$INSTAGRAM"),
	handshakes("inbound-instagram-verify", instagramHook, "/api/webhooks/instagram/$WHATSAPP"),
	handshakes("inbound-messenger-verify", messengerHook, "/api/webhooks/messenger/$TWILIO"),

	of("inbound-whatsapp-create", signed(byMeta, nil,
		exchange{path: whatsAppHook, body: aWhatsAppBatch, status: 200},
		exchange{path: whatsAppHook, body: but(aWhatsAppBatch, `caf\u00e9`, "caf\xe9"), status: 200}, // in base64, in an event
		exchange{path: whatsAppHook, body: aWhatsAppStatus, status: 200},
		exchange{path: whatsAppHook, body: but(aWhatsAppStatus, sentID, "wamid.of-another-app"), status: 200},
		exchange{path: whatsAppHook, body: but(but(aWhatsAppBatch, `"phone_number_id":"`+shopNumber, `"phone_number_id":"`+otherNumber), "wamid.1", "wamid.2"), status: 200},
		exchange{path: whatsAppHook, body: but(aWhatsAppBatch, `"phone_number_id":"`+shopNumber, `"phone_number_id":"999`), status: 200},
		exchange{path: "/api/webhooks/whatsapp/$DISABLED_WHATSAPP", body: but(aWhatsAppBatch, `"phone_number_id":"`+shopNumber, `"phone_number_id":"`+disabledNumber), status: 200},
		exchange{path: whatsAppHook, body: aWhatsAppNotice, status: 200},
		exchange{path: whatsAppHook, body: `{"object":"permissions","entry":[]}`, status: 200},
		exchange{path: whatsAppHook, body: `{"object":"whatsapp_business_account","entry":[7,{"id":"1","changes":[{"field":"unheard_of","value":1}]}]}`, status: 200},
		exchange{path: whatsAppHook, body: `{"object":"whatsapp_business_account","entry":[],"more":"` + strings.Repeat("x", 3<<20) + `"}`, status: 200},
	)...),
	unsigned("inbound-whatsapp-create", whatsAppHook, "/api/webhooks/whatsapp/$MESSENGER", aWhatsAppBatch),

	of("inbound-instagram-create", signed(byMeta, nil,
		exchange{path: instagramHook, body: anInstagramBatch, status: 200},
		exchange{path: instagramHook, body: strings.ReplaceAll(anInstagramBatch, shopInsta, "999"), status: 200},
	)...),
	unsigned("inbound-instagram-create", instagramHook, "/api/webhooks/instagram/$WHATSAPP", anInstagramBatch),

	of("inbound-messenger-create", signed(byMeta, nil,
		exchange{path: messengerHook, body: aMessengerBatch, status: 200},
		exchange{path: messengerHook, body: strings.ReplaceAll(aMessengerBatch, shopPage, "999"), status: 200},
	)...),
	unsigned("inbound-messenger-create", messengerHook, "/api/webhooks/messenger/$INSTAGRAM", aMessengerBatch),

	of("inbound-twilio-create", signed(byTwilio, aForm,
		exchange{path: twilioHook, body: aTwilioMessage, status: 200},
		exchange{path: twilioHook, body: aTwilioStatus, status: 200},
		exchange{path: twilioHook + "?ref=a%2Fb%2F0", body: aTwilioStatus, status: 200},
		exchange{path: twilioHook, body: but(aTwilioMessage, "To=%2B15551230000", "To=%2B15559999999"), status: 200},
		exchange{path: twilioHook, body: but(aTwilioMessage, "MessageSid=SM00000000000000000000000000000001&", ""), status: 200},
		exchange{path: twilioHook, status: 400},
		exchange{path: twilioHook, body: strings.Repeat("x", 1<<20+1), status: 413},
		exchange{path: twilioHook, body: aTwilioMessage, header: map[string]string{"Content-Type": aForm["Content-Type"], "Content-Encoding": "gzip"}, status: 415},
		exchange{path: "/api/webhooks/twilio/$WHATSAPP", body: aTwilioMessage, status: 404},
		exchange{path: "/api/webhooks/twilio/" + nowhere, body: aTwilioMessage, status: 404},
	)...),
	of("inbound-email-create", signed(byPostmark, nil,
		exchange{path: mailHook, body: aMail, status: 200},
		exchange{path: mailHook, body: aBounce, status: 200},
		exchange{path: mailHook, body: strings.ReplaceAll(aMail, "$SHOP_ADDRESS", "other@shop.invalid"), status: 200},
		exchange{path: mailHook, body: "{", status: 400},
		exchange{path: mailHook, status: 400},
		exchange{path: mailHook, body: strings.Repeat("x", 5<<20+1), status: 413},
		exchange{path: mailHook, body: aMail, header: map[string]string{"Content-Encoding": "gzip"}, status: 415},
		exchange{path: "/api/webhooks/email/$WHATSAPP", body: aMail, status: 404},
		exchange{path: "/api/webhooks/email/" + nowhere, body: aMail, status: 404},
	)...),
	of("inbound-email-create", signed(nil, nil,
		exchange{path: mailHook, body: aMail, status: 401},
		exchange{path: mailHook, body: aMail, header: map[string]string{"Authorization": "Basic dTpx"}, status: 401},
	)...),

	of("inbound-twilio-create", signed(nil, aForm,
		exchange{path: twilioHook, body: aTwilioMessage, status: 401},
		exchange{path: twilioHook, status: 401},
		exchange{path: twilioHook, body: aTwilioMessage, header: map[string]string{
			"Content-Type": aForm["Content-Type"], "X-Twilio-Signature": base64.StdEncoding.EncodeToString(make([]byte, 20)),
		}, status: 401},
	)...),
)
