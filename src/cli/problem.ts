/** Why a run is not possible; its message is one line that also says what to do. Ends the command with exit code 2. */
export class CannotRun extends Error {
	override readonly name = "CannotRun";
}
