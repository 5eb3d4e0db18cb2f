import { describe, expect, it } from "vitest";
import { cell, codeBlock, codeSpan, linkTarget, markdownText, mermaidText, oneLine, prose } from "../../src/report/escape.ts";

describe("text in Markdown", () => {
	it("loses its line breaks, escape sequences and marks of direction", () => {
		expect(oneLine("a\r\nb\u001b[31mc\u2028d\u202ee")).toBe("a b [31mc de");
	});

	it("stays text", () => {
		expect(markdownText("<b> & `x` *y* __z__ [l](u) | ~~s~~ @me $m$")).toBe("&lt;b&gt; &amp; \\`x\\` \\*y\\* \\_\\_z\\_\\_ \\[l\\](u) \\| \\~\\~s\\~\\~ \\@me \\$m\\$");
		for (const [text, escaped] of [["# head", "\\# head"], ["- item", "\\- item"], ["1. item", "1\\. item"], ["1.2.3", "1.2.3"], ["=", "\\="]]) expect(markdownText(text!)).toBe(escaped);
	});

	it("keeps inline code as code, whatever it holds", () => {
		expect(codeSpan("a")).toBe("`a`");
		expect(codeSpan("a`b``c")).toBe("``` a`b``c ```");
		expect(codeSpan("")).toBe("`  `");
		expect(prose("`this.#a_b` is *not* stored, `<b>` neither")).toBe("`this.#a_b` is \\*not\\* stored, `<b>` neither");
		expect(prose("one ` alone")).toBe("one \\` alone");
		expect(prose("then `await fetch(`https://x/${id}`)` (line 3) and `y`")).toBe("then `` await fetch(`https://x/${id}`) `` (line 3) and `y`");
	});

	it("keeps the cells of a table apart", () => {
		expect(cell("`a|b` or c|d")).toBe("`a\\|b` or c\\|d");
	});

	it("cannot end the block that it stands in", () => {
		expect(codeBlock(["a", "````", "b\nc"], "ts")).toBe("`````ts\na\n````\nb c\n`````");
	});

	it("leads to the file, whatever its name", () => {
		expect(linkTarget("src/[id] (1)#?%.ts", 3)).toBe("src/%5Bid%5D%20%281%29%23%3F%25.ts#L3");
		expect(linkTarget("../a/b.ts", null)).toBe("../a/b.ts");
	});
});

describe("text in Mermaid", () => {
	it("becomes character codes where it could mean something", () => {
		expect(mermaidText('a; b: #c "d" <e> `f` {g} [h] | %% -> é *i*')).toBe("a#59; b#58; #35;c #34;d#34; #60;e#62; #96;f#96; #123;g#125; [h] #124; #37;#37; -#62; é #42;i#42;");
	});
});
