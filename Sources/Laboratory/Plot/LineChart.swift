// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation

/// A line chart as SVG text: no fonts, scripts or files besides itself, so that it opens anywhere.
struct LineChart {
    struct Line {
        var name: String
        var points: [(x: Double, y: Double)]
        /// Drawn thin and dashed.
        var isLimit: Bool
        /// A horizontal line over the whole width.
        var level: Double?

        init(_ name: String, _ points: [(Double, Double)], isLimit: Bool = false, level: Double? = nil) {
            self.name = name
            self.points = points.map { (x: $0.0, y: $0.1) }
            self.isLimit = isLimit
            self.level = level
        }
    }

    var title: String
    var x: String
    var y: String
    var isLogarithmic = false
    var lines: [Line] = []

    static let width = 560.0
    static let height = 380.0
    private static let left = 64.0
    private static let right = 16.0
    private static let top = 36.0
    private static let bottom = 48.0
    private static let legendRow = 16.0
    private static let colors = [
        "#0b6e99", "#c2410c", "#15803d", "#7c3aed", "#b91c1c", "#a16207", "#0f766e", "#be185d",
    ]

    /// Charts side by side in one document, each with its legend below.
    static func page(_ charts: [LineChart]) -> String {
        let rows = charts.map(\.lines.count).max() ?? 0
        let full = height + legendRow * Double(rows) + 16
        let total = width * Double(charts.count)
        var text = """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(number(total)) \(number(full))" \
            width="\(number(total))" height="\(number(full))" font-family="sans-serif" font-size="12">
            <rect width="100%" height="100%" fill="white"/>

            """
        for (index, chart) in charts.enumerated() {
            text += "<g transform=\"translate(\(number(width * Double(index))) 0)\">\n\(chart.body)</g>\n"
        }
        return text + "</svg>\n"
    }

    private var body: String {
        let points = lines.flatMap(\.points)
        let levels = lines.compactMap(\.level)
        let xs = Axis(points.map(\.x), isLogarithmic: false)
        let ys = Axis(points.map(\.y) + levels, isLogarithmic: isLogarithmic)
        let inner = (width: Self.width - Self.left - Self.right, height: Self.height - Self.top - Self.bottom)
        let placeX = { (value: Double) in Self.left + xs.place(value) * inner.width }
        let placeY = { (value: Double) in Self.top + (1 - ys.place(value)) * inner.height }
        var text = ""
        for tick in xs.ticks {
            let at = Self.number(placeX(tick))
            text += Self.stroke(at, Self.number(Self.top), at, Self.number(Self.top + inner.height))
            text += Self.label(tick, at, Self.number(Self.height - Self.bottom + 16), "middle")
        }
        for tick in ys.ticks {
            let at = placeY(tick)
            text += Self.stroke(
                Self.number(Self.left), Self.number(at), Self.number(Self.width - Self.right), Self.number(at)
            )
            text += Self.label(tick, Self.number(Self.left - 6), Self.number(at + 4), "end")
        }
        text += Self.caption(title, Self.width / 2, 20, "font-weight=\"bold\"")
        text += Self.caption(x, Self.left + inner.width / 2, Self.height - Self.bottom + 34, "")
        let middle = Self.top + inner.height / 2
        text += Self.caption(y, 16, middle, "transform=\"rotate(-90 16 \(Self.number(middle)))\"")
        for (index, line) in lines.enumerated() {
            let color = line.isLimit ? "#777" : Self.colors[index % Self.colors.count]
            let style =
                line.isLimit
                ? "stroke-width=\"1\" stroke-dasharray=\"\(index % 4 * 2 + 2) 3\"" : "stroke-width=\"2\""
            var path = line.points.map { (placeX($0.x), placeY($0.y)) }
            if let level = line.level {
                path = [(Self.left, placeY(level)), (Self.width - Self.right, placeY(level))]
            }
            let joined = path.map { "\(Self.number($0.0)),\(Self.number($0.1))" }.joined(separator: " ")
            text += "<polyline fill=\"none\" stroke=\"\(color)\" \(style) points=\"\(joined)\"/>\n"
            for point in path where !line.isLimit {
                text +=
                    "<circle cx=\"\(Self.number(point.0))\" cy=\"\(Self.number(point.1))\" r=\"3\" fill=\"\(color)\"/>\n"
            }
            let row = Self.height + Self.legendRow * Double(index) + 8
            text += """
                <line x1="\(Self.number(Self.left))" x2="\(Self.number(Self.left + 28))" y1="\(Self.number(row))" \
                y2="\(Self.number(row))" stroke="\(color)" \(style)/>
                <text x="\(Self.number(Self.left + 36))" y="\(Self.number(row + 4))">\(Self.escaped(line.name))</text>

                """
        }
        return text
    }

    private static func stroke(_ x1: String, _ y1: String, _ x2: String, _ y2: String) -> String {
        "<line x1=\"\(x1)\" y1=\"\(y1)\" x2=\"\(x2)\" y2=\"\(y2)\" stroke=\"#ddd\"/>\n"
    }

    private static func label(_ value: Double, _ x: String, _ y: String, _ anchor: String) -> String {
        "<text x=\"\(x)\" y=\"\(y)\" text-anchor=\"\(anchor)\">\(String(format: "%g", value))</text>\n"
    }

    private static func caption(_ text: String, _ x: Double, _ y: Double, _ attributes: String) -> String {
        "<text x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"middle\" \(attributes)>\(escaped(text))</text>\n"
    }

    private static func number(_ value: Double) -> String { String(format: "%.1f", value) }

    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}
