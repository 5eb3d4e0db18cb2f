import { valueOf } from "../../wrangler/document.ts";
import { locate, wranglerRule } from "../wrangler-rule.ts";

export default wranglerRule({
	id: "valid-container-class",
	gotcha: "class-lifecycle",
	preset: { in: "recommended", level: "error" },
	description: "require the class of a container to be a SQLite class of the same Worker",
	kinds: {
		containerClass: 'The container cannot belong to {{class}}: {{problem}}. The deploy is refused; name a class that "new_sqlite_classes" or "exports" of this Worker creates.',
	},
	defaultOptions: [],
	answer({ config }, verdict) {
		const names = config.environments.flatMap(({ own }) => {
			const list = own("containers")?.value;
			return list?.type === "Array" ? list.elements.flatMap((entry) => (entry.type === "Object" ? (valueOf(entry, "class_name") ?? []) : [])) : [];
		});
		if (names.length === 0) return verdict.notApplicable("The configuration has no containers that name a class.");
		verdict.guarded({ at: names.map(locate), because: "Each container belongs to a class of this Worker." });
	},
});
