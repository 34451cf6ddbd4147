// Which Noctua this is. A test holds it equal to package.json's.

export const noctuaVersion = "0.1.0";
