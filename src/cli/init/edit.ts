/** What became of the wish to add something to a text. */
export type Edit =
	| { readonly kind: "changed"; readonly text: string }
	/** It is there already. */
	| { readonly kind: "present" }
	/** The text has a shape that is not understood; a person has to do it. */
	| { readonly kind: "unclear" };

/** How a text ends its lines. */
export const newlineOf = (text: string): "\n" | "\r\n" => (text.includes("\r\n") ? "\r\n" : "\n");
