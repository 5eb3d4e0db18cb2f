import { defineConfig } from "tsdown";

export default defineConfig({
	entry: { index: "src/index.ts", bin: "src/cli/bin.ts", formatter: "src/report/formatter.ts" },
	format: "esm",
	platform: "node",
	target: "node20.19",
	fixedExtension: false,
	dts: true,
	clean: true,
});
