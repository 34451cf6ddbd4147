// The Drell-Yan process at leading order: q q̄ → γ*/Z → ℓ⁺ℓ⁻, as two proton beams see it.
//
// For massless fermions, with θ the angle between quark and ℓ⁻ in the rest frame of the pair,
//
//   dσ̂/dcosθ = (1/3) πα²/(2s) [ A (1 + cos²θ) + B cosθ ]
//
//   A = Q² e² + 2 Qe χ₁ v_q v_ℓ + χ₂ (v_q² + a_q²)(v_ℓ² + a_ℓ²)       χ₁ = κ s (s − M²) / ((s − M²)² + M²Γ²)
//   B = 4 Qe χ₁ a_q a_ℓ + 8 χ₂ v_q a_q v_ℓ a_ℓ                        χ₂ = κ² s² / ((s − M²)² + M²Γ²)
//
// with v = 2T₃ − 4Q sin²θ_W, a = 2T₃, κ = 1/(16 sin²θ_W cos²θ_W): the photon, its interference with the Z, and the Z's
// Breit-Wigner line. Source: Particle Data Group, Review of Particle Physics, "Cross-section formulae for specific
// processes", e⁺e⁻ annihilation, crossed to q q̄ (hence 1/3 for colour); R. K. Ellis, W. J. Stirling, B. R. Webber,
// "QCD and Collider Physics", chapters 8 and 9, has the same and the folding with the beams:
//
//   d²σ/(dm² dy) = Σ_q [ x₁q(x₁) x₂q̄(x₂) + (1 ↔ 2) ] σ̂(m²) / m²       x₁,₂ = m/√s e^(±y)

/** What is measured, from the Particle Data Group; masses and widths in GeV. */
export const Z_MASS_GEV = 91.1876;
export const Z_WIDTH_GEV = 2.4952;
export const ALPHA_QED = 1 / 127.95;
const SIN2_WEINBERG = 0.2312;
const PICOBARN_GEV2 = 0.3893794e9;

/** Each of the two proton beams; in GeV. */
export const BEAM_GEV = 6500;
const ENERGY_GEV = 2 * BEAM_GEV;

const LEPTON = couplings(-1, -1 / 2);
const LEPTON_FLAVOURS = 2;

/**
 * @typedef {{charge: number, vector: number, axial: number}} Couplings
 * @typedef {Couplings & {pdgId: number, valence: (x: number) => number, sea: number}} Quark
 * @typedef {{quark: Quark, fromFirstBeam: boolean, picobarn: number}} Channel who brought the quark
 */

/**
 * Toy parton densities x·q(x): valence by the counting rules of the textbooks, normalised to two up and one down
 * quark; a sea that rises like x^-0.3. Good for shapes within some ten percent, and for nothing else.
 * @type {readonly Quark[]}
 */
const QUARKS = [
  {
    pdgId: 1,
    ...couplings(-1 / 3, -1 / 2),
    valence: (x) => (315 / 256) * Math.sqrt(x) * (1 - x) ** 4,
    sea: 0.16,
  },
  {
    pdgId: 2,
    ...couplings(2 / 3, 1 / 2),
    valence: (x) => (35 / 16) * Math.sqrt(x) * (1 - x) ** 3,
    sea: 0.16,
  },
  { pdgId: 3, ...couplings(-1 / 3, -1 / 2), valence: () => 0, sea: 0.08 },
];

/**
 * A and B of the formula above.
 * @param {Couplings} quark
 * @param {number} massGev of the lepton pair
 * @returns {{even: number, odd: number}} the factors of 1 + cos²θ and of cosθ
 */
export function angularTerms(quark, massGev) {
  const s = massGev ** 2;
  const offShell = s - Z_MASS_GEV ** 2;
  const resonance = offShell ** 2 + (Z_MASS_GEV * Z_WIDTH_GEV) ** 2;
  const kappa = 1 / (16 * SIN2_WEINBERG * (1 - SIN2_WEINBERG));
  const interference = (kappa * s * offShell) / resonance;
  const pole = (kappa * s) ** 2 / resonance;
  const charges = quark.charge * LEPTON.charge;
  const vectors = quark.vector * LEPTON.vector;
  const axials = quark.axial * LEPTON.axial;
  const strengths = (quark.vector ** 2 + quark.axial ** 2) * (LEPTON.vector ** 2 + LEPTON.axial ** 2);
  return {
    even: charges ** 2 + 2 * charges * interference * vectors + pole * strengths,
    odd: 4 * charges * interference * axials + 8 * pole * vectors * axials,
  };
}

/**
 * d²σ/(dm² dy) in picobarn/GeV², split by flavour and by the beam that brought the quark.
 * @param {number} massGev of the lepton pair
 * @param {number} rapidity of the lepton pair
 * @returns {Channel[]}
 */
export function crossSections(massGev, rapidity) {
  const [x1, x2] = momentumFractions(massGev, rapidity);
  return QUARKS.flatMap((quark) => {
    const total = ((4 * Math.PI * ALPHA_QED ** 2) / (9 * massGev ** 2)) * angularTerms(quark, massGev).even;
    const scale = (PICOBARN_GEV2 * LEPTON_FLAVOURS * total) / massGev ** 2;
    return [
      { quark, fromFirstBeam: true, picobarn: scale * quarkDensity(quark, x1) * seaDensity(quark, x2) },
      { quark, fromFirstBeam: false, picobarn: scale * seaDensity(quark, x1) * quarkDensity(quark, x2) },
    ];
  });
}

/**
 * The shares of the beams' momenta that make a pair of this mass and rapidity.
 * @param {number} massGev
 * @param {number} rapidity
 * @returns {[number, number]}
 */
export function momentumFractions(massGev, rapidity) {
  const geometricMean = massGev / ENERGY_GEV;
  return [geometricMean * Math.exp(rapidity), geometricMean * Math.exp(-rapidity)];
}

/**
 * Beyond this rapidity a parton would carry more than its proton.
 * @param {number} massGev
 * @returns {number}
 */
export function rapidityMax(massGev) {
  return Math.log(ENERGY_GEV / massGev);
}

/**
 * @param {Quark} quark
 * @param {number} x
 * @returns {number}
 */
function quarkDensity(quark, x) {
  return quark.valence(x) + seaDensity(quark, x);
}

/**
 * @param {Quark} quark
 * @param {number} x
 * @returns {number} zero where rounding puts x above 1
 */
function seaDensity(quark, x) {
  return quark.sea * x ** -0.3 * Math.max(0, 1 - x) ** 7;
}

/**
 * @param {number} charge
 * @param {number} weakIsospin
 * @returns {Couplings}
 */
function couplings(charge, weakIsospin) {
  return { charge, vector: 2 * weakIsospin - 4 * charge * SIN2_WEINBERG, axial: 2 * weakIsospin };
}
