/** The fields of a reading of a text through four automata. */
namespace Reading {
  export const at: usize = 0;
  /** Four automata, one after the other. */
  export const automata: usize = 16;
}

/**
 * The fields of an automaton. An edge is twice the number of the next state, plus 1 if a match begins, and all ones
 * where it is not known yet; a state has one for each byte of ASCII.
 */
namespace Automaton {
  export const edges: usize = 0;
  /** Twice its number. */
  export const state: usize = 4;
  /** Where the reading stopped, the edge from there. */
  export const edge: usize = 8;
}
const automatonBytes: usize = 12;

/** The edge of a state for a byte: a state has 128 of two bytes. */
function edgeOf(edges: usize, state: u32, byte: usize): u32 {
  return <u32>load<u16>(edges + ((<usize>state) << 7) + byte);
}

/**
 * Reads ASCII backwards through one automaton, until a match begins or it has no edge yet.
 *
 * @returns whether it stopped before `from`
 */
export function readBack(reading: usize, from: usize): bool {
  const automaton = reading + Reading.automata;
  const edges = <usize>load<u32>(automaton, Automaton.edges);
  let state = load<u32>(automaton, Automaton.state);
  let at = <usize>load<u32>(reading, Reading.at);
  let isStopped = false;
  while (at > from) {
    const edge = edgeOf(edges, state, (<usize>load<u8>(at - 1)) << 1);
    if ((edge & 1) !== 0) {
      store<u32>(automaton, edge, Automaton.edge);
      isStopped = true;
      break;
    }
    state = edge;
    at -= 1;
  }
  store<u32>(reading, <u32>at, Reading.at);
  store<u32>(automaton, state, Automaton.state);
  return isStopped;
}

/** The same for four at once: each step has to wait for the one before it, so that four take little longer. */
export function readFourBack(reading: usize, from: usize): bool {
  const first = reading + Reading.automata;
  const second = first + automatonBytes;
  const third = second + automatonBytes;
  const fourth = third + automatonBytes;
  const edges1 = <usize>load<u32>(first, Automaton.edges);
  const edges2 = <usize>load<u32>(second, Automaton.edges);
  const edges3 = <usize>load<u32>(third, Automaton.edges);
  const edges4 = <usize>load<u32>(fourth, Automaton.edges);
  let state1 = load<u32>(first, Automaton.state);
  let state2 = load<u32>(second, Automaton.state);
  let state3 = load<u32>(third, Automaton.state);
  let state4 = load<u32>(fourth, Automaton.state);
  let at = <usize>load<u32>(reading, Reading.at);
  let isStopped = false;
  while (at > from) {
    const byte = (<usize>load<u8>(at - 1)) << 1;
    const edge1 = edgeOf(edges1, state1, byte);
    const edge2 = edgeOf(edges2, state2, byte);
    const edge3 = edgeOf(edges3, state3, byte);
    const edge4 = edgeOf(edges4, state4, byte);
    if (((edge1 | edge2 | edge3 | edge4) & 1) !== 0) {
      store<u32>(first, edge1, Automaton.edge);
      store<u32>(second, edge2, Automaton.edge);
      store<u32>(third, edge3, Automaton.edge);
      store<u32>(fourth, edge4, Automaton.edge);
      isStopped = true;
      break;
    }
    state1 = edge1;
    state2 = edge2;
    state3 = edge3;
    state4 = edge4;
    at -= 1;
  }
  store<u32>(reading, <u32>at, Reading.at);
  store<u32>(first, state1, Automaton.state);
  store<u32>(second, state2, Automaton.state);
  store<u32>(third, state3, Automaton.state);
  store<u32>(fourth, state4, Automaton.state);
  return isStopped;
}
