/** What a command knows of the process that it runs in. */
export interface Surroundings {
	readonly cwd: string;
	readonly env: Readonly<Record<string, string | undefined>>;
	readonly stdout: Stream;
	readonly stderr: Stream;
}

export interface Stream {
	write(text: string): unknown;
	readonly isTTY?: boolean;
}

/** 0: clean. 1: findings. 2: could not run. */
export type ExitCode = 0 | 1 | 2;
