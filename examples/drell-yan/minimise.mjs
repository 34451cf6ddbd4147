// The downhill simplex: finds a minimum of a smooth function of a few numbers, without derivatives.
//
// J. A. Nelder and R. Mead, "A simplex method for function minimization", The Computer Journal 7 (1965) 308, with the
// usual coefficients 1, 2, 1/2, 1/2, started anew from its own result, which guards against a collapsed simplex.

const TURNS_MAX = 2000;
const STARTS_MAX = 8;

/**
 * @typedef {readonly number[]} Point
 * @typedef {{point: Point, value: number}} Vertex
 */

/**
 * @param {(point: Point) => number} f
 * @param {Point} start
 * @param {Point} sizes how far the first simplex reaches, for each coordinate
 * @param {number} [tolerance] of the value at the minimum
 * @returns {Vertex}
 */
export function minimise(f, start, sizes, tolerance = 1e-7) {
  let best = descend(f, start, sizes, tolerance);
  for (let restart = 1; restart < STARTS_MAX; restart++) {
    const next = descend(f, best.point, sizes, tolerance);
    if (best.value - next.value < tolerance) return next;
    best = next;
  }
  return best;
}

/**
 * @param {(point: Point) => number} f
 * @param {Point} start
 * @param {Point} sizes
 * @param {number} tolerance
 * @returns {Vertex}
 */
function descend(f, start, sizes, tolerance) {
  /** @param {Point} point */
  const vertexAt = (point) => ({ point, value: f(point) });
  const corners = sizes.map((size, axis) =>
    start.map((value, index) => (index === axis ? value + size : value)),
  );
  let simplex = [start, ...corners].map(vertexAt).sort(byValue);
  for (let turn = 0; turn < TURNS_MAX; turn++) {
    const [best, worst, secondWorst] = [simplex.at(0), simplex.at(-1), simplex.at(-2)];
    if (best === undefined || worst === undefined || secondWorst === undefined) break;
    if (worst.value - best.value < tolerance / 10) break;
    const others = simplex.slice(0, -1);
    const centre = centreOf(others);
    /** @param {number} reach beyond the centre, as seen from the worst vertex; 1 is as far again */
    const along = (reach) => vertexAt(moved(centre, worst.point, -reach));
    const next = replacement({ best, secondWorst, worst }, along);
    /** @param {Vertex} vertex */
    const shrunk = ({ point }) => vertexAt(moved(best.point, point, 0.5));
    simplex = (next === undefined ? simplex.map(shrunk) : [...others, next]).sort(byValue);
  }
  return simplex[0] ?? vertexAt(start);
}

/**
 * What takes the place of the worst vertex.
 * @param {{best: Vertex, secondWorst: Vertex, worst: Vertex}} simplex
 * @param {(reach: number) => Vertex} along
 * @returns {Vertex | undefined} nothing when the simplex is to shrink
 */
function replacement({ best, secondWorst, worst }, along) {
  const reflected = along(1);
  if (reflected.value < best.value) return lower(reflected, along(2));
  if (reflected.value < secondWorst.value) return reflected;
  const contracted = along(reflected.value < worst.value ? 0.5 : -0.5);
  return contracted.value < Math.min(reflected.value, worst.value) ? contracted : undefined;
}

/**
 * @param {readonly Vertex[]} vertices
 * @returns {Point}
 */
function centreOf(vertices) {
  const [first = { point: [] }] = vertices;
  return first.point.map((_, axis) => {
    const sum = vertices.reduce((total, { point }) => total + (point[axis] ?? NaN), 0);
    return sum / vertices.length;
  });
}

/**
 * @param {Point} from
 * @param {Point} towards
 * @param {number} share of the way; negative is away
 * @returns {Point}
 */
function moved(from, towards, share) {
  return from.map((value, axis) => value + share * ((towards[axis] ?? NaN) - value));
}

/**
 * @param {Vertex} one
 * @param {Vertex} other
 * @returns {Vertex}
 */
function lower(one, other) {
  return one.value <= other.value ? one : other;
}

/**
 * @param {Vertex} one
 * @param {Vertex} other
 * @returns {number}
 */
function byValue(one, other) {
  return one.value - other.value;
}
