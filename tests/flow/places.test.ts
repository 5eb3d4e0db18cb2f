import { describe, expect, test } from "vitest";
import type { Place, Text } from "../../src/flow/host.ts";
import { covers, mayMeet, placeId, substitute } from "../../src/flow/places.ts";

const place = (key: Text | null, details: Partial<Place> = {}): Place => ({ space: "storage", key, isPrefix: false, label: "a place", ...details });
const hole = (text: string) => ({ variable: null, text });

describe("covers: what is written is what was read", () => {
	test.each<[string, Place, Place, boolean]>([
		["the same key", place(["a"]), place(["a"]), true],
		["another key", place(["a"]), place(["b"]), false],
		["the same hole", place(["x:", hole("id")]), place(["x:", hole("id")]), true],
		["another hole", place(["x:", hole("id")]), place(["x:", hole("other")]), false],
		["all of it", place(null), place(["a"]), true],
		["one of all", place(["a"]), place(null), false],
		["a key of a list", place(["x:"], { isPrefix: true }), place(["x:", hole("id")]), true],
		["a longer constant key of a list", place(["x:"], { isPrefix: true }), place(["x:1"]), true],
		["a key beside a list", place(["x:"], { isPrefix: true }), place(["y:1"]), false],
		["a key that may be of a list", place(["x:"], { isPrefix: true }), place([hole("key")]), false],
		["a list with a hole", place(["x:", hole("id"), ":"], { isPrefix: true }), place(["x:", hole("id"), ":a"]), true],
		["another space", place(null), place(["a"], { space: "field:a" }), false],
	])("%s", (_, read, write, expected) => {
		expect(covers(read, write)).toBe(expected);
	});
});

describe("mayMeet: two events may touch the same", () => {
	test.each<[string, Place, Place, boolean]>([
		["the same key", place(["a"]), place(["a"]), true],
		["another key", place(["a"]), place(["b"]), false],
		["different holes", place(["x:", hole("a")]), place(["x:", hole("b")]), true],
		["different beginnings", place(["x:", hole("a")]), place(["y:", hole("a")]), false],
		["different ends", place([hole("a"), ":x"]), place([hole("b"), ":y"]), false],
		["a hole and a constant", place(["x:", hole("a")]), place(["x:1"]), true],
		["a constant too short", place(["x:1:", hole("a")]), place(["x:"]), false],
		["all of it", place(null), place(["a"]), true],
		["any table", place(null, { space: "sql:*" }), place(["id=1"], { space: "sql:users" }), true],
		["another table", place(null, { space: "sql:a" }), place(null, { space: "sql:b" }), false],
	])("%s", (_, a, b, expected) => {
		expect(mayMeet(a, b)).toBe(expected);
		expect(mayMeet(b, a)).toBe(expected);
	});
});

test("ids are equal for equal places only", () => {
	expect(placeId(place(["a"]))).toBe(placeId(place(["a"])));
	expect(placeId(place(["a"]))).not.toBe(placeId(place(["a"], { isPrefix: true })));
	expect(placeId(place(["a"]))).not.toBe(placeId(place([hole("a")])));
	expect(placeId(place(null))).not.toBe(placeId(place(["*"])));
});

test("a place without parameters stays as it is", () => {
	const fixed = place(["x:", hole("this.id")]);
	expect(substitute(fixed, () => ["y"])).toBe(fixed);
});
