//nolint:gosmopolitan // the words of mail programs in their languages
package mail

import (
	"regexp"
	"strings"
)

// The marks of mail programs. Each language's words are those that its programs write.
var (
	originalMark = regexp.MustCompile(`(?i)^[-_=\s]*[-_=]{2,}\s*(?:` + strings.Join([]string{
		`original message`, `original appointment`, `reply message`, `ursprüngliche nachricht`, `original-?nachricht`, `ursprünglicher termin`, `message d'origine`, `message d’origine`, `message original`, `message initial`,
		`mensaje original`, `mensaje inicial`, `messaggio originale`, `mensagem original`, `oorspronkelijk bericht`, `origineel bericht`, `ursprungligt meddelande`, `originalmeddelande`,
		`opprinnelig melding`, `oprindelig meddelelse`, `alkuperäinen viesti`, `wiadomość oryginalna`, `oryginalna wiadomość`, `původní zpráva`, `eredeti üzenet`, `mesaj original`, `mesajul original`,
		`orijinal mesaj`, `özgün ileti`, `исходное сообщение`, `пересылаемое сообщение`, `оригінальне повідомлення`, `αρχικό μήνυμα`, `原始邮件`, `原始郵件`, `回复的邮件`, `元のメッセージ`, `원본 메시지`, `원본 메일`, `thư gốc`, `ข้อความต้นฉบับ`, `הודעה מקורית`, `الرسالة الأصلية`,
	}, "|") + `)\s*[-_=]{2,}[-_=\s]*$`)

	forwardMark = regexp.MustCompile(`(?i)^(?:[-_=\s]*[-_=]{2,}\s*(?:` + strings.Join([]string{
		`forwarded message`, `forwarded by .*`, `weitergeleitete nachricht`, `weitergeleitete e-?mail`, `message transféré`, `message transmis`, `mensaje reenviado`, `messaggio inoltrato`, `mensagem encaminhada`, `mensagem reencaminhada`,
		`doorgestuurd bericht`, `vidarebefordrat meddelande`, `vidarebefordrat mail`, `videresendt melding`, `videresendt meddelelse`, `videresendt besked`, `edelleenlähetetty viesti`, `välitetty viesti`, `przekazana wiadomość`, `treść przekazanej wiadomości`,
		`přeposlaná zpráva`, `továbbított üzenet`, `mesaj redirecționat`, `iletilen mesaj`, `yönlendirilmiş ileti`, `пересланное сообщение`, `переслане повідомлення`, `προωθημένο μήνυμα`, `转发邮件信息`, `转发的邮件`, `轉寄的郵件`, `転送メッセージ`, `전달된 메시지`,
	}, "|") + `)\s*[-_=]{2,}|begin forwarded message:|anfang der weitergeleiteten nachricht:|début du message (?:transféré|réexpédié) ?:|inicio del mensaje reenviado:|inizio messaggio inoltrato:|início da mensagem reencaminhada:|begin doorgestuurd bericht:|vidarebefordrat brev:)`)

	// rule is the line that Outlook writes above the head of the mail that is answered.
	rule = regexp.MustCompile(`^\s*[_-]{10,}\s*$`)

	fromLine = regexp.MustCompile(`(?i)^[\s*]*(?:from|von|de|da|van|från|fra|lähettäjä|od|nadawca|odesílatel|feladó|de la|kimden|gönderen|от|від|από|发件人|寄件者|寄件人|差出人|送信者|보낸 ?사람|보낸이|từ|จาก|מאת|من)\**\s*[:：]\**\s*\S`)
	headLine = regexp.MustCompile(`(?i)^[\s*]*(?:sent|date|to|cc|subject|reply-to|importance|gesendet|datum|an|betreff|envoyé|envoyé le|date|à|objet|enviado|enviado el|fecha|para|asunto|inviato|data|a|oggetto|enviada em|enviado em|assunto|verzonden|aan|onderwerp|` +
		`skickat|till|ämne|sendt|dato|til|emne|lähetetty|päivämäärä|vastaanottaja|kopio|aihe|wysłano|wysłane|do|temat|odesláno|komu|předmět|küldve|címzett|tárgy|trimis|către|subiect|gönderildi|gönderilen|tarih|kime|konu|` +
		`отправлено|дата|кому|копия|тема|надіслано|στάλθηκε|ημερομηνία|προς|θέμα|发送时间|发送日期|日期|收件人|抄送|主题|寄件日期|收件者|副本|主旨|送信日時|送信日|日付|宛先|件名|보낸 ?날짜|보낸 ?시간|날짜|받는 ?사람|받는이|참조|제목|đã gửi|đến|chủ đề|נשלח|אל|נושא|תאריך)\**\s*[:：]`)

	// when is a date or a time, without which a line is no attribution.
	when = regexp.MustCompile(`\b(?:19|20)\d\d\b|(?:19|20)\d\d[年년/.-]|\b\d{1,2}[:.h時点시]\s?\d{2}\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b|\b\d{1,2}\.? [\pL]{3,}`)

	// sender is an address as attributions show it.
	sender = regexp.MustCompile(`[<(\[](?:mailto:)?[^\s<>@]+@[^\s<>@]+[>)\]]`)

	// wrote are the phrases of attributions, with the words of each language.
	wrote = regexp.MustCompile(`(?i)^\s*(?:` + strings.Join([]string{
		`on\b.*\bwrote`, `am\b.*\bschrieb\b.*`, `.*\bschrieb am\b.*`, `.*\bwrote on\b.*`, `le\b.*\ba [ée]crit`, `el\b.*\bescribió`, `il\b.*\bha scritto`, `(?:em|no dia|a|às)\b.*\bescreveu`, `.*\bescreveu (?:no dia|em)\b.*`,
		`op\b.*\b(?:schreef\b.*|heeft\b.*\bgeschreven)`, `(?:den|på|fra|måndag|tisdag|onsdag|torsdag|fredag|lördag|söndag|man|tir|ons|tor|fre|lør|søn|mån|tis|lör|sön)\b.*\bskrev\b.*`, `.*\bskrev den\b.*`, `.*\bkirjoitti\b.*`,
		`(?:w dniu|dnia|pon|wt|śr|czw|pt|sob|niedz)\b.*(?:napisał(?:a|\(a\))?|pisze)`, `(?:dne|po|út|st|čt|pá|so|ne)\b.*napsal(?:a|\(a\))?`, `.*\bezt írta\b.*`, `în\b.*\ba scris`, `.*(?:şunu|şunları|tarihinde).*yazdı`,
		`.*(?:написал(?:а|\(а\))?|пишет|писал|пише|написав)`, `.*έγραψε`, `.*(?:写道|寫道|写到)`, `.*(?:のメール|書きました|からのメッセージ)`, `.*(?:님이 작성|작성|씀)`, `vào\b.*đã viết`, `pada\b.*\bmenulis`, `.*כתב.*`, `.*(?:كتب|كتبت).*`, `.*เขียนว่า`,
	}, "|") + `)\s*[:：]?\s*$`)
)

// forwardSubject are the first words of the subjects of forwarded mails.
var forwardSubject = regexp.MustCompile(`(?i)^\s*(?:\[[^\]]*\]\s*)?(?:fwd?|wg|tr|rv|i|enc|vs|vb|doorst|pd|转发|轉寄|転送)\s*[:：]`)
