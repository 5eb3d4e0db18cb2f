/** A workflow for GitHub Actions: findings beside the code of a pull request; the review appears on the run's page by itself. */

interface PackageManager {
	readonly lockFile: string;
	readonly setUp: readonly string[];
	readonly install: string;
	/** Adds packages that are needed for development. */
	readonly add: string;
	readonly execute: string;
}

const NODE = ["      - uses: actions/setup-node@v5", "        with:", "          node-version: 22"];

const managers: readonly PackageManager[] = [
	{ lockFile: "pnpm-lock.yaml", setUp: ["      - uses: pnpm/action-setup@v4", ...NODE], install: "pnpm install --frozen-lockfile", add: "pnpm add --save-dev", execute: "pnpm exec" },
	{ lockFile: "yarn.lock", setUp: ["      - run: corepack enable", ...NODE], install: "yarn install --immutable", add: "yarn add --dev", execute: "yarn" },
	{ lockFile: "bun.lock", setUp: ["      - uses: oven-sh/setup-bun@v2", ...NODE], install: "bun install --frozen-lockfile", add: "bun add --dev", execute: "bunx" },
	{ lockFile: "package-lock.json", setUp: NODE, install: "npm ci", add: "npm install --save-dev", execute: "npx --no-install" },
];
const WITHOUT_LOCK_FILE: PackageManager = { lockFile: "", setUp: NODE, install: "npm install", add: "npm install --save-dev", execute: "npx --no-install" };

const managerOf = (files: readonly string[]): PackageManager => managers.find(({ lockFile }) => files.includes(lockFile)) ?? WITHOUT_LOCK_FILE;

/**
 * The command that installs packages in the project.
 *
 * @param files - names of the files in the project's folder
 */
export const addCommand = (files: readonly string[], ...packages: readonly string[]): string => [managerOf(files).add, ...packages].join(" ");

/** @param files - names of the files in the project's folder */
export function workflow(files: readonly string[]): string {
	const { setUp, install, execute } = managerOf(files);
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
		"      - uses: actions/checkout@v5",
		"        with:",
		"          # The migrations of earlier commits are compared with those of this one.",
		"          fetch-depth: 0",
		...setUp,
		`      - run: ${install}`,
		`      - run: ${execute} do-lint --format github --base "origin/$BASE"`,
		"        env:",
		"          BASE: ${{ github.base_ref || github.ref_name }}",
		"",
	].join("\n");
}
