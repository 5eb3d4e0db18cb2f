/** The two files of a report, made and written together. */
import { relative, sep } from "node:path";
import type { FileEvidence } from "./collect.ts";
import { reviewOf, type ReviewedRule } from "./review.ts";
import { selfReview } from "./self-review.ts";
import { type ReportInput, type ValidationReport, validationReport, validationReportText } from "./validation-report.ts";
import { Workers } from "./workers.ts";
import { isConfigFile } from "../wrangler/parse.ts";
import { writeTogether } from "./write.ts";

export const reportNames = { data: "validation_report.json", page: "self_review.md" } as const;

export interface Report {
	readonly data: ValidationReport;
	/** @param folder - where the page will lie: its links start there */
	page(folder: string): string;
	/**
	 * The page for somewhere else.
	 *
	 * @param site - the address where `folder` can be read, with a slash at its end
	 */
	pageElsewhere(folder: string, site: string): string;
	/**
	 * Writes both files, or none.
	 *
	 * @throws when the folder cannot be written
	 */
	write(folder: string): Promise<void>;
}

export interface ReportRequest extends Omit<ReportInput, "review"> {
	readonly evidence: readonly FileEvidence[];
	readonly rules: readonly ReviewedRule[];
	/** Wrangler configurations above this folder do not count; `root` or a folder above it. */
	readonly configRoot: string;
}

export function makeReport({ evidence, rules, configRoot, ...input }: ReportRequest): Report {
	const { root } = input;
	const workers = new Workers(evidence.map(({ filePath }) => filePath).filter(isConfigFile), configRoot);
	const review = reviewOf(evidence, workers, rules, root);
	const data = validationReport({ review, ...input });
	const toRoot = (folder: string) => relative(folder, root).split(sep).join("/");
	const page = (folder: string) => selfReview(review, data, { toRoot: toRoot(folder) });
	return {
		data,
		page,
		pageElsewhere: (folder, site) => selfReview(review, data, { toRoot: toRoot(folder), site }),
		write: (folder) => writeTogether(folder, { [reportNames.data]: validationReportText(data), [reportNames.page]: page(folder) }),
	};
}
