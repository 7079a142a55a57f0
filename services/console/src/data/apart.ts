// Where buttons stand on a map so that none hides what is drawn there, nor another. Pure.

/** Of the screen, pixels: to the right, and down. */
export type Pixels = readonly [number, number];

export interface Disc {
  at: Pixels;
  radius: number;
}

/** Where a button stands that has room: its middle, above its place. */
export const ABOVE: Pixels = [0, -30];
export const aside = ([x, y]: Pixels): boolean => x !== ABOVE[0] || y !== ABOVE[1];
const RINGS = [30, 42, 54, 66, 80, 96];
const DIRECTIONS = 16;
/** What stands out of the frame is as bad as if it hid this much. */
const OUTSIDE = 1_000;

/** From nearest to furthest; in each ring upwards first, then to either side. */
const STEPS: readonly Pixels[] = RINGS.flatMap((ring) =>
  Array.from({ length: DIRECTIONS }, (_, n): Pixels => {
    const turn = ((n % 2 ? -1 : 1) * Math.ceil(n / 2) * 2 * Math.PI) / DIRECTIONS;
    return [ring * Math.sin(turn), -ring * Math.cos(turn)];
  }),
);

/** How far each button's middle stands from its place: as near as it hides nothing, or where it hides
 * least. The first has the choice; those whose place is out of the frame are left alone. */
export function apart(
  places: readonly Pixels[],
  discs: readonly Disc[],
  radius: number,
  [width, height]: Pixels,
): Pixels[] {
  const taken = [...discs];
  const inside = ([x, y]: Pixels, by: number) =>
    x >= by && y >= by && x <= width - by && y <= height - by;
  const hidden = (middle: Pixels, least: number): number => {
    let sum = inside(middle, radius) ? 0 : OUTSIDE;
    for (const { at, radius: other } of taken) {
      const apart = Math.hypot(at[0] - middle[0], at[1] - middle[1]);
      sum += Math.max(0, radius + other - apart);
      if (sum >= least) break;
    }
    return sum;
  };
  return places.map((place) => {
    if (!inside(place, 0)) return ABOVE;
    let [best, least]: [Pixels, number] = [ABOVE, Infinity];
    for (const step of STEPS) {
      const found = hidden([place[0] + step[0], place[1] + step[1]], least);
      if (found < least) [best, least] = [step, found];
      if (least === 0) break;
    }
    taken.push({ at: [place[0] + best[0], place[1] + best[1]], radius });
    return best;
  });
}
