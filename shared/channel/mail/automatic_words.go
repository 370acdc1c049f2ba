//nolint:gosmopolitan // the words of mail programs in their languages
package mail

import (
	"regexp"
	"strings"
)

// answerSubject are the first words of automatic answers' subjects. More words may follow
// only after a mark, so that a person may still ask about an office.
var answerSubject = regexp.MustCompile(`(?i)^(?:` + strings.Join([]string{
	`automatic reply`, `auto[- ]?reply`, `auto[- ]?response`, `automated reply`, `out of (?:the )?office(?: auto[- ]?reply| reply| message| notification)?`, `ooo`, `i am out of (?:the )?office`, `away from (?:the )?office`, `vacation reply`, `vacation response`,
	`automatische antwort`, `abwesenheitsnotiz`, `abwesenheitsnachricht`, `abwesenheitsmeldung`, `automatische abwesenheitsnotiz`, `abwesend`, `nicht im büro`,
	`réponse automatique`, `absence du bureau`, `message d'absence`, `absent du bureau`, `respuesta automática`, `fuera de (?:la )?oficina`, `risposta automatica`, `fuori (?:sede|ufficio)`, `resposta automática`, `fora do escritório`, `ausência do escritório`,
	`automatisch antwoord`, `afwezigheidsbericht`, `afwezig`, `autosvar`, `automatiskt svar`, `automatisk svar`, `frånvaro`, `fraværsmelding`, `fravær`, `automaattinen vastaus`, `poissaoloviesti`, `poissa toimistosta`,
	`automatyczna odpowiedź`, `odpowiedź automatyczna`, `nieobecność w biurze`, `automatická odpověď`, `automatická odpoveď`, `automatikus válasz`, `răspuns automat`, `otomatik yanıt`, `автоматический ответ`, `автоответ`, `автоматична відповідь`,
	`αυτόματη απάντηση`, `自动回复`, `自動回覆`, `自動応答`, `自動返信`, `不在通知`, `자동 회신`, `자동 응답`, `부재 중 자동 회신`, `trả lời tự động`, `balasan otomatis`, `ตอบกลับอัตโนมัติ`, `מענה אוטומטי`, `رد تلقائي`,
	`undeliverable`, `undelivered mail returned to sender`, `delivery status notification(?: \((?:failure|delay)\))?`, `mail delivery failed(?:: returning message to sender)?`, `mail delivery (?:subsystem|failure|system)`, `returned mail`, `failure notice`, `delivery failure`,
	`unzustellbar`, `nicht zustellbar`, `non remis`, `no se puede entregar`, `non recapitabile`, `não é possível entregar`, `onbestelbaar`,
}, "|") + `)\s*(?:$|[:：;(\[–—-]| re:)`)
