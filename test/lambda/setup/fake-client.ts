/** A command of the SDK with the types of its input and its output. */
type CommandType<Input extends object, Output extends object> = abstract new (
  ...args: never[]
) => {
  readonly input: Input;
  resolveMiddleware(...args: never[]): (...args: never[]) => Promise<{ readonly output: Output }>;
};

/** An input for tests, which know the fields that the monitor sends. */
type Sent<Input> = { readonly [Field in keyof Input]-?: NonNullable<Input[Field]> };

/** Sets the answers to a command. */
interface Answers<Input extends object, Output extends object> {
  resolves(answer: Partial<Output>): FakeClient;
  rejects(error: Error): FakeClient;
  callsFake(answer: (input: Sent<Input>) => unknown): FakeClient;
  /** Answers one call, before the answer that is set for all calls. */
  resolvesOnce(answer: Partial<Output>): Answers<Input, Output>;
  rejectsOnce(error: Error): Answers<Input, Output>;
}

type Answer = (input: object) => unknown;

interface Rule {
  readonly command: CommandType<object, object>;
  readonly part: readonly (readonly [string, unknown])[];
  readonly once: Answer[];
  always: Answer | undefined;
}

/**
 * Answers the commands of a client that it stands in for, and records them.
 *
 * Whole ticks make a hundred calls, so it does nothing more: general mocks compare arguments deeply
 * and record a stack for each call, which takes longer than the tick.
 */
export class FakeClient {
  #rules: Rule[] = [];
  #calls: { readonly args: readonly [{ readonly input: object }] }[] = [];

  /** The client, of which the class alone is real. */
  static of<Client extends object>(type: { readonly prototype: Client }) {
    const fake = new FakeClient();
    const send = (command: { readonly input: object }) => fake.#send(command);
    return { fake, client: Object.assign(Object.create(type.prototype) as Client, { send }) };
  }

  /**
   * A later answer goes before an earlier one.
   *
   * @param part fields that the input must have
   */
  on<Input extends object, Output extends object>(
    command: CommandType<Input, Output>,
    part: Partial<Input> = {},
  ): Answers<Input, Output> {
    const rule: Rule = { command, part: Object.entries(part), once: [], always: undefined };
    this.#rules.unshift(rule);
    const always = (answer: Answer) => {
      rule.always = answer;
      return this;
    };
    const once = (answer: Answer) => {
      rule.once.push(answer);
      return answers;
    };
    const answers: Answers<Input, Output> = {
      resolves: (answer) => always(() => answer),
      rejects: (error) => always(() => Promise.reject(error)),
      callsFake: (answer) => always(answer as Answer),
      resolvesOnce: (answer) => once(() => answer),
      rejectsOnce: (error) => once(() => Promise.reject(error)),
    };
    return answers;
  }

  calls(): readonly { readonly args: readonly [{ readonly input: object }] }[] {
    return this.#calls;
  }

  /** The calls of one command; their input is that of the command. */
  commandCalls<Input extends object, Output extends object>(command: CommandType<Input, Output>) {
    return this.#calls.filter(
      (call): call is { readonly args: readonly [{ readonly input: Input }] } =>
        call.args[0] instanceof command,
    );
  }

  /** Records the calls of another client as its own. */
  recall(other: FakeClient): void {
    this.#calls.push(...other.#calls);
  }

  /** Forgets the calls. */
  resetHistory(): void {
    this.#calls = [];
  }

  /** Forgets the answers too. */
  reset(): void {
    this.#rules = [];
    this.resetHistory();
  }

  async #send(command: { readonly input: object }): Promise<unknown> {
    this.#calls.push({ args: [command] });
    const { input } = command;
    for (const rule of this.#rules) {
      if (!(command instanceof rule.command)) continue;
      if (rule.part.some(([field, value]) => Reflect.get(input, field) !== value)) continue;
      const answer = rule.once.shift() ?? rule.always;
      if (answer !== undefined) return answer(input);
    }
    throw new Error(`the test sets no answer to ${command.constructor.name}`);
  }
}
