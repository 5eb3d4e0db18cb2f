/** A workflow for GitHub Actions: findings beside the code of a pull request, the review on the run's page. */

interface PackageManager {
	readonly lockFile: string;
	readonly setUp: readonly string[];
	readonly install: string;
	readonly execute: string;
}

const NODE = ["      - uses: actions/setup-node@v4", "        with:", "          node-version: 22"];

const managers: readonly PackageManager[] = [
	{ lockFile: "pnpm-lock.yaml", setUp: ["      - uses: pnpm/action-setup@v4", ...NODE], install: "pnpm install --frozen-lockfile", execute: "pnpm exec" },
	{ lockFile: "yarn.lock", setUp: ["      - run: corepack enable", ...NODE], install: "yarn install --immutable", execute: "yarn" },
	{ lockFile: "bun.lock", setUp: ["      - uses: oven-sh/setup-bun@v2", ...NODE], install: "bun install --frozen-lockfile", execute: "bunx" },
	{ lockFile: "package-lock.json", setUp: NODE, install: "npm ci", execute: "npx --no-install" },
];
const WITHOUT_LOCK_FILE: PackageManager = { lockFile: "", setUp: NODE, install: "npm install", execute: "npx --no-install" };

/** @param files - names of the files in the project's folder */
export function workflow(files: readonly string[]): string {
	const { setUp, install, execute } = managers.find(({ lockFile }) => files.includes(lockFile)) ?? WITHOUT_LOCK_FILE;
	return [
		"name: Durable Objects",
		"",
		"on:",
		"  pull_request:",
		"  push:",
		"    branches: [main]",
		"",
		"permissions:",
		"  contents: read",
		"",
		"jobs:",
		"  lint:",
		"    runs-on: ubuntu-latest",
		"    steps:",
		"      - uses: actions/checkout@v4",
		"        with:",
		"          # The migrations of earlier commits are compared with those of this one.",
		"          fetch-depth: 0",
		...setUp,
		`      - run: ${install}`,
		`      - run: ${execute} do-lint --format github --base "origin/$BASE"`,
		"        env:",
		"          BASE: ${{ github.base_ref || github.ref_name }}",
		'      - run: cat self_review.md >> "$GITHUB_STEP_SUMMARY"',
		"        if: ${{ !cancelled() }}",
		"",
	].join("\n");
}
