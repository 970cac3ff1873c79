import java.sql.*;
public class Jdbc {
  public static void main(String[] a) throws Exception {
    try (Connection c = DriverManager.getConnection("jdbc:postgresql://"+a[0]+"/dev?sslmode=disable", "awsuser", a[1])) {
      DatabaseMetaData m = c.getMetaData();
      System.out.println(m.getDatabaseProductName()+" "+m.getDatabaseProductVersion());
      try (Statement s = c.createStatement()) { s.execute("drop table if exists j"); s.execute("create table j (id integer, name varchar(20), price numeric(7,2), sold date, at_time timestamp, ok boolean, big bigint, d double precision)"); }
      try (PreparedStatement p = c.prepareStatement("insert into j values (?,?,?,?,?,?,?,?)")) {
        for (int i=0;i<10;i++){ p.setInt(1,i); p.setString(2,"n"+i); p.setBigDecimal(3,new java.math.BigDecimal("1.25")); p.setDate(4,Date.valueOf("2026-03-01")); p.setTimestamp(5,Timestamp.valueOf("2026-03-01 10:11:12")); p.setBoolean(6,i%2==0); p.setLong(7,1L<<40); p.setDouble(8,0.5); p.addBatch(); }
        System.out.println(p.executeBatch().length);
      }
      for (int k=0;k<8;k++) try (PreparedStatement p = c.prepareStatement("select * from j where id >= ? and name like ? order by id")) {
        p.setInt(1,7); p.setString(2,"n%"); ResultSet r=p.executeQuery(); int n=0; while(r.next()){ n++; if(k==7) System.out.println(r.getInt(1)+" "+r.getString(2)+" "+r.getBigDecimal(3)+" "+r.getDate(4)+" "+r.getTimestamp(5)+" "+r.getBoolean(6)+" "+r.getLong(7)+" "+r.getDouble(8)); }
      }
      c.setAutoCommit(false);
      try (PreparedStatement p = c.prepareStatement("select id from j order by id")) { p.setFetchSize(3); ResultSet r=p.executeQuery(); int n=0; while(r.next()) n++; System.out.println("cursor "+n); }
      c.commit(); c.setAutoCommit(true);
      ResultSet t=m.getTables(null,"public","%",new String[]{"TABLE"}); while(t.next()) System.out.println("table "+t.getString("TABLE_NAME"));
      ResultSet cs=m.getColumns(null,"public","j","%"); while(cs.next()) System.out.println(cs.getString("COLUMN_NAME")+" "+cs.getString("TYPE_NAME")+" "+cs.getInt("COLUMN_SIZE"));
      try (Statement s=c.createStatement()) { s.executeQuery("select 1/0"); } catch (SQLException e) { System.out.println(e.getSQLState()+" "+e.getMessage()); }
      ResultSet sch=m.getSchemas(); while(sch.next()) System.out.println("schema "+sch.getString(1));
    }
  }
}
