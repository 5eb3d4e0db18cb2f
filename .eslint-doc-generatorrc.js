/** How `eslint-doc-generator` writes the head of each rule page and the table in README.md. */
export default {
	pathRuleDoc: (name) => `docs/rules/${name}.md`,
	configFormat: "name",
	ignoreConfig: ["recommended-rules-only"],
	ruleDocTitleFormat: "prefix-name",
	ruleDocSectionInclude: ["What happens", "Examples", "When not to use it", "Further reading"],
	ruleDocNotices: ["configs", "fixableAndHasSuggestions", "deprecated"],
	ruleListColumns: ["name", "description", "configsError", "configsWarn", "fixable", "hasSuggestions"],
};
