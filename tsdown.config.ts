import { defineConfig } from "tsdown";
import { thirdPartyLicences } from "./scripts/third-party-licences.ts";

export default defineConfig({
	entry: { index: "src/index.ts", bin: "src/cli/bin.ts", formatter: "src/report/formatter.ts" },
	format: "esm",
	platform: "node",
	target: "node20.19",
	fixedExtension: false,
	dts: true,
	clean: true,
	// The parser is bundled, TypeScript is not. In a project with TypeScript 7, which has no compiler API, npm gives us a
	// TypeScript of our own, but puts ts-api-utils, on which the parser depends, beside the project's: the parser would
	// load the wrong one and crash. As a part of this package it finds the TypeScript that this package depends on.
	deps: {
		onlyBundle: [
			/^@typescript-eslint\//u,
			"ts-api-utils",
			"@eslint-community/eslint-utils",
			"eslint-visitor-keys",
			"debug",
			"ms",
			"has-flag",
			"supports-color",
			"semver",
			"tinyglobby",
			"fdir",
			"picomatch",
			"minimatch",
			"@isaacs/nonrecursive-glob-match",
			"brace-expansion",
			"balanced-match",
		],
	},
	plugins: [thirdPartyLicences()],
});
