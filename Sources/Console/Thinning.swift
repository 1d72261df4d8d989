import Telemetry

/// At most about `most` of the rows, each bucket of time keeping its lowest, its highest and everything that is not a good
/// number: a curve drawn from them looks like one drawn from all, and no peak and no gap is lost.
func thinned(_ rows: [HistoryRow], to most: Int) -> [HistoryRow] {
    guard rows.count > most, most >= 2 else { return rows }
    let size = (rows.count * 2 + most - 1) / most
    var kept: [HistoryRow] = []
    var start = 0
    while start < rows.count {
        let bucket = start..<min(start + size, rows.count)
        let extremes = [bucket.min { number(rows[$0]) < number(rows[$1]) }, bucket.max { number(rows[$0]) < number(rows[$1]) }]
        let firstDoubt = bucket.first { !rows[$0].reading.isGood }
        for index in Set((extremes + [firstDoubt]).compactMap { $0 }).sorted() { kept.append(rows[index]) }
        start = bucket.upperBound
    }
    return kept
}

private func number(_ row: HistoryRow) -> Double { row.reading.value?.number ?? .nan }
