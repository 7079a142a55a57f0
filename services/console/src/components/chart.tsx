// The course of a metric: its values, limits, what is usual, and the moments of its incidents. In
// greys: colour belongs to alarms that nobody has acknowledged.
import { moments, pieces, ticks } from "../data/chart";
import { settings } from "../data/settings";
import { useStore } from "../data/store";
import { useWords } from "../i18n";
import type { Course, Moment } from "../types";
import { useWidth } from "./width";

const TOP = 10;
const RIGHT = 10;
const HEIGHT = 190;
/** Of text at its usual size. */
const LETTER = 12;
const CITY_AHEAD_MS = 7 * 3_600_000;
/** Stretches without a value after which the line is broken. */
const BROKEN = 2.5;

interface ChartProps {
  course: Course;
  incidents: readonly Moment[];
  since: number;
  until: number;
  stepMs: number;
}

export function Chart({ course, incidents, since, until, stepMs }: ChartProps) {
  const words = useWords();
  const { t, pick, decimal } = words;
  const [box, width] = useWidth<HTMLDivElement>();
  const scale = useStore(settings).text / 100;
  const letter = LETTER * scale;
  const unit = pick(course.unit.vi, course.unit.en);
  const points = course.points.map((point) => ({ ...point, at: Date.parse(point.time) }));
  const values = points.flatMap(({ least, most }) => [least, most]);
  const limits = course.limits.map(({ value }) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  // A limit far away says so at the edge; it must not flatten what is measured.
  const room = Math.max(high - low, Math.abs(high) * 0.02, 1e-9) * 2;
  const near = limits.filter((limit) => limit >= low - room && limit <= high + room);
  const lines = ticks(Math.min(low, ...near), Math.max(high, ...near));
  const [bottom, top] = [lines[0] ?? 0, lines.at(-1) ?? 1];
  const labels = lines.map((line) => decimal(line));
  const left = Math.max(...labels.map((label) => label.length)) * letter * 0.62 + 12;
  const height = HEIGHT * Math.min(1.5, scale);
  const foot = height - letter * 1.9;
  const x = (at: number) =>
    left +
    ((Math.min(Math.max(at, since), until) - since) / (until - since)) * (width - left - RIGHT);
  const y = (value: number) =>
    foot - ((Math.min(Math.max(value, bottom), top) - bottom) / (top - bottom)) * (foot - TOP);
  const at = (n: number) => n.toFixed(1);
  const whole = pieces(points, BROKEN * stepMs);
  const last = points.at(-1);
  const shown = Math.max(2, Math.floor((width - left) / (letter * 8)));
  return (
    <div className="chart" ref={box}>
      {width > 0 && last && (
        <svg
          width={width}
          height={height}
          role="img"
          aria-label={t("sources.chart", {
            name: pick(course.name.vi, course.name.en),
            least: decimal(low),
            most: decimal(high),
            last: decimal(last.mean),
            unit,
          })}
        >
          {lines.map((line, n) => (
            <g key={line}>
              <line className="grid" x1={left} x2={width - RIGHT} y1={y(line)} y2={y(line)} />
              <text x={left - 7} y={y(line) + letter / 3} textAnchor="end" fontSize={letter}>
                {labels[n]}
              </text>
            </g>
          ))}
          {moments(since, until, shown, CITY_AHEAD_MS).map((moment) => {
            const place = x(moment);
            const end =
              place > width - letter * 3 ? "end" : place < left + letter ? "start" : "middle";
            return (
              <g key={moment}>
                <line className="grid" x1={place} x2={place} y1={foot} y2={foot + 4} />
                <text x={place} y={height - 2} textAnchor={end} fontSize={letter}>
                  {until - since > 2 * 86_400_000 ? words.day(moment) : words.minute(moment)}
                </text>
              </g>
            );
          })}
          {whole.map((piece) => {
            const known = piece.filter((one) => one.usual_low !== null && one.usual_high !== null);
            if (known.length < 2) return null;
            const above = known.map((one) => `${at(x(one.at))},${at(y(one.usual_high ?? 0))}`);
            const below = known.map((one) => `${at(x(one.at))},${at(y(one.usual_low ?? 0))}`);
            return (
              <polygon
                key={known[0]?.at}
                className="usual"
                points={[...above, ...below.reverse()].join(" ")}
              />
            );
          })}
          {incidents.map((one) => {
            const begin = x(Date.parse(one.start));
            const end = x(one.end ? Date.parse(one.end) : until);
            return (
              <g key={one.id} className="moment" data-incident={one.id}>
                <rect x={begin} y={TOP} width={Math.max(2, end - begin)} height={foot - TOP} />
                <line x1={begin} x2={begin} y1={TOP} y2={foot} />
                <path d={`M${at(begin - 5)} ${TOP - 8}h10l-5 8z`} />
              </g>
            );
          })}
          {whole.map((piece) => (
            <g key={piece[0]?.at}>
              {piece.some(({ least, most }) => most > least) && (
                <polygon
                  className="spread"
                  points={[
                    ...piece.map((one) => `${at(x(one.at))},${at(y(one.most))}`),
                    ...piece.map((one) => `${at(x(one.at))},${at(y(one.least))}`).reverse(),
                  ].join(" ")}
                />
              )}
              <polyline
                className="course"
                points={piece.map((one) => `${at(x(one.at))},${at(y(one.mean))}`).join(" ")}
              />
              {piece.length === 1 && piece[0] && (
                <circle className="point" cx={x(piece[0].at)} cy={y(piece[0].mean)} r={2} />
              )}
            </g>
          ))}
          {near.map((limit) => (
            <line
              key={limit}
              className="limit"
              x1={left}
              x2={width - RIGHT}
              y1={y(limit)}
              y2={y(limit)}
            />
          ))}
        </svg>
      )}
    </div>
  );
}
