package markdown_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/channel/markdown"
)

// An answer in each form.
func TestForms(t *testing.T) {
	for what, c := range map[string]struct{ answer, whatsApp, plain, html string }{
		"empty":             {" \n", "", "", ""},
		"plain":             {"Hi there.\nHow are you?", "Hi there.\nHow are you?", "Hi there.\nHow are you?", "<p>Hi there.<br>\nHow are you?</p>"},
		"bold":              {"a **b c** __d__", "a *b c* *d*", "a b c d", "<p>a <strong>b c</strong> <strong>d</strong></p>"},
		"italic":            {"*a* _b_", "_a_ _b_", "a b", "<p><em>a</em> <em>b</em></p>"},
		"bold and italic":   {"***a*** **_b_**", "_*a*_ *_b_*", "a b", "<p><em><strong>a</strong></em> <strong><em>b</em></strong></p>"},
		"bold in bold":      {"**a **b** c**", "*a b c*", "a b c", "<p><strong>a <strong>b</strong> c</strong></p>"},
		"struck out":        {"~~a~~ (~80 % easy)", "~a~ (~80 % easy)", "a (~80 % easy)", "<p><del>a</del> (~80 % easy)</p>"},
		"over lines":        {"**a\nb**", "*a*\n*b*", "a\nb", "<p><strong>a<br>\nb</strong></p>"},
		"in a word":         {"un**do** it, **re**do", "undo it, redo", "undo it, redo", "<p>un<strong>do</strong> it, <strong>re</strong>do</p>"},
		"no spaces":         {"这是**重点：**内容，**“好”**吗 好_的_", "这是重点：内容，“好”吗 好_的_", "这是重点：内容，“好”吗 好_的_", "<p>这是<strong>重点：</strong>内容，<strong>“好”</strong>吗 好_的_</p>"},
		"star in bold":      {"**2*3**", "2*3", "2*3", "<p><strong>2*3</strong></p>"},
		"no marks":          {"2 * 3 * 4 = R$ 24, snake_case_name, x**2", "2 * 3 * 4 = R$ 24, snake_case_name, x**2", "2 * 3 * 4 = R$ 24, snake_case_name, x**2", "<p>2 * 3 * 4 = R$ 24, snake_case_name, x**2</p>"},
		"escapes":           {`\*a\* 1\. C:\dir`, `*a* 1. C:\dir`, `*a* 1. C:\dir`, `<p>*a* 1. C:\dir</p>`},
		"references":        {`a &amp; b &lt;b&gt; &#8364; &x; \&amp; &amp;lt; AT&T`, "a & b <b> € &x; &amp; &lt; AT&T", "a & b <b> € &x; &amp; &lt; AT&T", "<p>a &amp; b &lt;b&gt; € &amp;x; &amp;amp; &amp;lt; AT&amp;T</p>"},
		"code":              {"run `a**b**`", "run `a**b**`", "run a**b**", "<p>run <code>a**b**</code></p>"},
		"fenced code":       {"```go\nif a < b {\n\treturn *c\n}\n```\nok", "```\nif a < b {\n\treturn *c\n}\n```\n\nok", "if a < b {\n\treturn *c\n}\n\nok", "<pre><code>if a &lt; b {\n\treturn *c\n}</code></pre>\n<p>ok</p>"},
		"fence in code":     {"~~~\na\n```\n~~~", "a\n```", "a\n```", "<pre><code>a\n```</code></pre>"},
		"heading":           {"# The **best** plan\nText\n## Next", "*The best plan*\nText\n*Next*", "The best plan\nText\nNext", "<p><strong>The <strong>best</strong> plan</strong></p>\n<p>Text</p>\n<p><strong>Next</strong></p>"},
		"list":              {"You need:\n* eggs\n* **milk**\n    * fresh\n\nThen:", "You need:\n- eggs\n- *milk*\n  - fresh\n\nThen:", "You need:\n- eggs\n- milk\n  - fresh\n\nThen:", "<p>You need:</p>\n<ul>\n<li>\neggs\n</li>\n<li>\n<strong>milk</strong>\n<ul>\n<li>\nfresh\n</li>\n</ul>\n</li>\n</ul>\n<p>Then:</p>"},
		"loose list":        {"1) a\n\n2) b\n   c", "1) a\n\n2) b\n   c", "1) a\n\n2) b\n   c", "<ol>\n<li>\n<p>a</p>\n</li>\n<li>\n<p>b<br>\nc</p>\n</li>\n</ol>"},
		"numbers go on":     {"3. a\n4. b", "3. a\n4. b", "3. a\n4. b", "<ol start=\"3\">\n<li>\na\n</li>\n<li>\nb\n</li>\n</ol>"},
		"tasks":             {"- [x] a\n- [ ] b", "- [x] a\n- [ ] b", "- [x] a\n- [ ] b", "<ul>\n<li>\n[x] a\n</li>\n<li>\n[ ] b\n</li>\n</ul>"},
		"link":              {"See [our *site*](https://example.com/a_(b)?c=1&d=2).", "See our _site_ (https://example.com/a_(b)?c=1&d=2).", "See our site (https://example.com/a_(b)?c=1&d=2).", `<p>See <a href="https://example.com/a_(b)?c=1&amp;d=2">our <em>site</em></a>.</p>`},
		"link with a title": {`[a](https://x.y "b")`, "a (https://x.y, b)", "a (https://x.y, b)", `<p><a href="https://x.y">a</a> (b)</p>`},
		"link to its label": {"[https://x.y](https://x.y) [x.y](https://x.y/) [a@x.y](mailto:a@x.y)", "https://x.y https://x.y/ a@x.y", "https://x.y https://x.y/ a@x.y", `<p><a href="https://x.y">https://x.y</a> <a href="https://x.y/">x.y</a> <a href="mailto:a@x.y">a@x.y</a></p>`},
		"bare URLs":         {"https://x.y/_next_/a*b*, **http://x.y/ü**. 在 https://x.y/a，好", "https://x.y/_next_/a*b*, *http://x.y/ü*. 在 https://x.y/a，好", "https://x.y/_next_/a*b*, http://x.y/ü. 在 https://x.y/a，好", `<p><a href="https://x.y/_next_/a*b">https://x.y/_next_/a*b</a>*, <strong><a href="http://x.y/ü">http://x.y/ü</a></strong>. 在 <a href="https://x.y/a">https://x.y/a</a>，好</p>`},
		"addresses":         {"<https://x.y> info@x.y www.x.y", "https://x.y info@x.y www.x.y", "https://x.y info@x.y www.x.y", `<p><a href="https://x.y">https://x.y</a> <a href="mailto:info@x.y">info@x.y</a> <a href="http://www.x.y">www.x.y</a></p>`},
		"unsafe links":      {"[a](javascript:alert(1)) [b](java&#115;cript:x) [c](//x.y) [d](data:text/html,x) <vbscript:x> [e](https:x) [f](mailto:)", "a (javascript:alert(1)) b (javascript:x) c (//x.y) d (data:text/html,x) vbscript:x e (https:x) f (mailto:)", "a (javascript:alert(1)) b (javascript:x) c (//x.y) d (data:text/html,x) vbscript:x e (https:x) f (mailto:)", "<p>a (javascript:alert(1)) b (javascript:x) c (//x.y) d (data:text/html,x) vbscript:x e (https:x) f (mailto:)</p>"},
		"quotes in a link":  {`[a](https://x.y/"onclick="b)`, `a (https://x.y/"onclick="b)`, `a (https://x.y/"onclick="b)`, `<p><a href="https://x.y/&#34;onclick=&#34;b">a</a></p>`},
		"picture":           {"![A cat](https://x.y/c.png) [![logo](https://x.y/l.png)](https://x.y)", "A cat (https://x.y/c.png) logo (https://x.y/l.png) (https://x.y)", "A cat (https://x.y/c.png) logo (https://x.y/l.png) (https://x.y)", `<p><a href="https://x.y/c.png">A cat</a> <a href="https://x.y">logo (https://x.y/l.png)</a></p>`},
		"reference link":    {"[a][1]\n\n[1]: https://x.y", "[a][1]\n\n[1]: https://x.y", "[a][1]\n\n[1]: https://x.y", "<p>[a][1]</p>\n<p>[1]: <a href=\"https://x.y\">https://x.y</a></p>"},
		"HTML":              {"<script>a</script> <b>c</b>\n\n<div>\nd\n</div><!-- e -->", "<script>a</script> <b>c</b>\n\n<div>\nd\n</div><!-- e -->", "<script>a</script> <b>c</b>\n\n<div>\nd\n</div><!-- e -->", "<p>&lt;script&gt;a&lt;/script&gt; &lt;b&gt;c&lt;/b&gt;</p>\n<p>&lt;div&gt;<br>\nd<br>\n&lt;/div&gt;&lt;!-- e --&gt;</p>"},
		"quote":             {"> a\n> **b**\n\nc", "> a\n> *b*\n\nc", "> a\n> b\n\nc", "<blockquote>\n<p>a<br>\n<strong>b</strong></p>\n</blockquote>\n<p>c</p>"},
		"rule":              {"a\n\n---\n\nb\n***\nc", "a\n\nb\n\nc", "a\n\nb\n\nc", "<p>a</p>\n<p>b</p>\n<p>c</p>"},
		"no heading":        {"a\n---\nb #1\n#c", "a\n\nb #1\n#c", "a\n\nb #1\n#c", "<p>a</p>\n<p>b #1<br>\n#c</p>"},
		"table":             {"| Size | **Price** |\n|:-----|------:|\n| S | 1 \\| 2 |\n| M |", "Size | *Price*\nS | 1 | 2\nM", "Size | Price\nS | 1 | 2\nM", "<p>Size | <strong>Price</strong><br>\nS | 1 | 2<br>\nM</p>"},
		"no table":          {"a | b\nc | d |", "a | b\nc | d |", "a | b\nc | d |", "<p>a | b<br>\nc | d |</p>"},
		"line breaks":       {"a  \nb \nb\\\nc\r\nd\re", "a\nb\nb\nc\nd\ne", "a\nb\nb\nc\nd\ne", "<p>a<br>\nb<br>\nb<br>\nc<br>\nd<br>\ne</p>"},
		"indented code":     {"a\n\n    b *c*\n      d", "a\n\n```\nb *c*\n  d\n```", "a\n\nb *c*\n  d", "<p>a</p>\n<pre><code>b *c*\n  d</code></pre>"},
		"open marks":        {"**a\n\n`b", "**a\n\n`b", "**a\n\n`b", "<p>**a</p>\n<p>`b</p>"},
		"invalid UTF-8":     {"a\xffb", "a\uFFFDb", "a\uFFFDb", "<p>a\uFFFDb</p>"},
	} {
		t.Run(what, func(t *testing.T) {
			got := []string{markdown.WhatsApp(c.answer), markdown.Plain(c.answer), markdown.HTML(c.answer)}
			if d := cmp.Diff([]string{c.whatsApp, c.plain, c.html}, got); d != "" {
				t.Errorf("WhatsApp, plain text, HTML (-want +got):\n%s", d)
			}
		})
	}
}
