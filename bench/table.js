/** Prints rows as a table in Markdown, to be quoted in the README. */
export function printTable(rows) {
	const columns = Object.keys(rows[0]);
	const line = (cells) => `| ${cells.join(" | ")} |`;
	const isNumber = (column) => rows.every((row) => /^[\d.]+( %)?$/u.test(String(row[column])));
	console.log([line(columns), line(columns.map((column) => (isNumber(column) ? "--:" : "---"))), ...rows.map((row) => line(columns.map((column) => String(row[column]))))].join("\n"));
}
