// The course of a few values, with a line where the target is.
const WIDTH = 220;
const HEIGHT = 44;
const EDGE = 4;

interface SparkProps {
  /** Oldest first; null: nothing was measured. */
  values: readonly (number | null)[];
  target: number | null;
  label: string;
  /** Values that the height stands for at least; else that of the lowest and highest. */
  within?: readonly [number, number];
}

export function Spark({ values, target, label, within = [Infinity, -Infinity] }: SparkProps) {
  const there = values.filter((value): value is number => value !== null);
  if (there.length < 2) return null;
  const all = target === null ? there : [...there, target];
  const [low, high] = [Math.min(...all, within[0]), Math.max(...all, within[1])];
  const y = (value: number) =>
    HEIGHT - EDGE - ((value - low) / (high - low || 1)) * (HEIGHT - 2 * EDGE);
  const x = (place: number) => EDGE + (place / (values.length - 1)) * (WIDTH - 2 * EDGE);
  const points = values.flatMap((value, place) =>
    value === null ? [] : [`${x(place).toFixed(1)},${y(value).toFixed(1)}`],
  );
  return (
    <svg
      className="spark"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      {target !== null && (
        <line className="bound" x1={0} x2={WIDTH} y1={y(target)} y2={y(target)} />
      )}
      <polyline points={points.join(" ")} />
    </svg>
  );
}
